package io.millrace.server.ingest.obs;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishKeys;
import java.net.InetAddress;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the exchange needs to know of the configuration. Thread-safe. */
public interface MultitrackPolicy {
  /** Checks a publisher's key as when it publishes, with the same limits. */
  CompletionStage<PublishKeys.Verdict> authorize(
      StreamKey stream, @Nullable String key, InetAddress source);

  /** What the stream is to be served as; null where no rule matches its name. */
  @Nullable StreamLadder ladder(StreamKey stream);
}
