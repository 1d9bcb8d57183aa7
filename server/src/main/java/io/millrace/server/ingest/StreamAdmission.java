package io.millrace.server.ingest;

import io.millrace.media.StreamKey;
import io.millrace.server.live.StreamSettings;
import org.jspecify.annotations.Nullable;

/** Whether another stream that is encoded may begin. Thread-safe. */
@FunctionalInterface
public interface StreamAdmission {
  /** Why it may not, for a person; null where it may. */
  @Nullable String refusal(StreamKey stream, StreamSettings settings);
}
