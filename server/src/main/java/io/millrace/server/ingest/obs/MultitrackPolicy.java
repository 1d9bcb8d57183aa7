package io.millrace.server.ingest.obs;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishVerdict;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the exchange needs to know of the configuration. Thread-safe. */
public interface MultitrackPolicy {
  /** Checks a publisher's key as when it publishes, with the same limits. */
  CompletionStage<PublishVerdict> authorize(PublishAttempt attempt);

  /** What the stream is to be served as; null where no rule matches its name. */
  @Nullable StreamLadder ladder(StreamKey stream);
}
