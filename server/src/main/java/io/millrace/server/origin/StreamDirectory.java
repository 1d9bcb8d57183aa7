package io.millrace.server.origin;

import io.millrace.media.StreamKey;
import io.millrace.packager.Presentation;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The streams that viewers may ask for. Thread-safe; answers at once. */
public interface StreamDirectory {
  /** Returns what a stream's viewers see; null when there is no such stream. */
  @Nullable Presentation find(StreamKey key);

  /** All streams with a publisher, in order of their names. */
  List<Listed> list();

  /** Makes still pictures of the streams. */
  default StreamPictures pictures() {
    return StreamPictures.NONE;
  }

  /** Tells a stream what its viewers want. */
  default Demand demand(StreamKey key) {
    return Demand.NONE;
  }

  /** A stream on the public index. */
  record Listed(StreamKey key, Instant since, Presentation presentation) {}
}
