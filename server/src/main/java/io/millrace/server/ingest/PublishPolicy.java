package io.millrace.server.ingest;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishVerdict;
import io.millrace.server.config.Passphrase;
import io.millrace.server.live.StreamSettings;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the configuration says about publishing. Thread-safe. */
public interface PublishPolicy {
  /** Decides who may publish, off the event loop where that takes time. */
  CompletionStage<PublishVerdict> authorize(PublishAttempt attempt);

  /** How often publishers on the air are asked about again; zero: never. */
  Duration recheck(StreamKey stream);

  /** Asks about one of them. */
  CompletionStage<PublishVerdict> recheckNow(PublishAttempt attempt);

  /** What publishers of the stream encrypt with over SRT; null where they may not encrypt. */
  @Nullable Passphrase passphrase(StreamKey stream);

  /** True where the passphrase alone is enough, as neither keys nor a webhook are configured. */
  boolean trustsPassphrase(StreamKey stream);

  /** Returns the settings of a stream, or null where no rule matches its name. */
  @Nullable StreamSettings settings(StreamKey key);
}
