package io.millrace.loadtest.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** A media server that takes RTMP and serves HLS. */
public interface ServerUnderTest {
  String name();

  /** Name and version as the server itself says, and the settings that matter. */
  String describe() throws IOException, InterruptedException;

  /**
   * Starts it on loopback and waits until it accepts publishers.
   *
   * @param directory empty; everything it writes goes there
   */
  Running start(Path directory) throws IOException, InterruptedException;

  /** A started server; closing it ends its processes. */
  interface Running extends AutoCloseable {
    /** The process that was started; its children belong to the server too. */
    long pid();

    /** Where to publish. */
    URI rtmp(String stream);

    /** What a viewer opens. */
    URI playlist(String stream);

    @Override
    void close();
  }
}
