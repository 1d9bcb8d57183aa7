package io.millrace.server.ingest;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishKeys;
import io.millrace.server.config.Passphrase;
import io.millrace.server.live.StreamSettings;
import java.net.InetAddress;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the configuration says about publishing. Thread-safe. */
public interface PublishPolicy {
  /**
   * Checks a publisher's key, off the event loop where that takes time.
   *
   * @param publishKey what the publisher showed; null when nothing
   */
  CompletionStage<PublishKeys.Verdict> authorize(
      StreamKey stream, @Nullable String publishKey, InetAddress remote);

  /** What publishers of the stream encrypt with over SRT; null where they may not encrypt. */
  @Nullable Passphrase passphrase(StreamKey stream);

  /** True where the passphrase alone is enough, as no keys are configured. */
  boolean trustsPassphrase(StreamKey stream);

  /** Returns the settings of a stream, or null where no rule matches its name. */
  @Nullable StreamSettings settings(StreamKey key);
}
