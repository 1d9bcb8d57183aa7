package io.millrace.server.worker;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.OptionalInt;

/** A worker process as the supervisor needs it. Thread-safe but for {@link #connect}. */
interface Worker extends AutoCloseable {
  /** Starts workers. */
  @FunctionalInterface
  interface Launcher {
    /**
     * Starts a process; does not wait for it.
     *
     * @param streamName for logs
     */
    Worker launch(String streamName) throws IOException;
  }

  /**
   * From here on it is this stream's.
   *
   * @param streamName for logs
   */
  void serve(String streamName);

  /** Waits until it has connected; {@link #kill} ends the waiting. */
  SocketChannel connect() throws IOException;

  /** What it has to show first. */
  byte[] token();

  long pid();

  /** SIGKILL; nothing where it has ended. Does not wait. */
  void kill();

  /** What it takes of the machine; the last known where it has ended. */
  Usage usage();

  /** Waits for its end. Returns its exit code, 128 and more for a signal; empty at the limit. */
  OptionalInt awaitEnd(Duration limit);

  /** True when the kernel has ended it because its group had no memory left. */
  boolean ranOutOfMemory();

  /** Kills it and gives back everything that was needed for it. */
  @Override
  void close();

  /**
   * @param cpuNs CPU time since its start
   * @param rssBytes resident memory
   */
  record Usage(long cpuNs, long rssBytes) {
    static final Usage NONE = new Usage(0, 0);
  }
}
