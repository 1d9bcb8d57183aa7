package io.millrace.server.ingest;

import io.millrace.media.StreamKey;
import io.millrace.server.live.StreamSettings;
import io.millrace.transport.rtmp.PublishDecision;
import io.millrace.transport.rtmp.PublishRequest;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What the configuration says about publishing. Thread-safe. */
public interface PublishPolicy {
  /** Checks the publisher's key, off the event loop where that takes time. */
  CompletionStage<PublishDecision> authorize(PublishRequest request);

  /** Returns the settings of a stream, or null where no rule matches its name. */
  @Nullable StreamSettings settings(StreamKey key);
}
