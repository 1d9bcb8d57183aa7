package io.millrace.server.ingest;

import io.millrace.media.StreamKey;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.StreamOutputs;
import io.millrace.server.live.StreamRegistry;
import io.millrace.server.live.StreamSettings;
import io.millrace.transport.rtmp.PublishDecision;
import io.millrace.transport.rtmp.PublishRefusedException;
import io.millrace.transport.rtmp.PublishRequest;
import io.millrace.transport.rtmp.RtmpPublication;
import io.millrace.transport.rtmp.RtmpPublicationListener;
import io.millrace.transport.rtmp.RtmpPublishHandler;
import io.millrace.transport.rtmp.RtmpSessionSummary;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins RTMP publishers to streams: checks that the name is configured and the key right, and
 * claims the stream.
 */
public final class RtmpIngest implements RtmpPublishHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RtmpIngest.class);

  private final StreamRegistry registry;
  private final PublishPolicy policy;
  private final StreamOutputs.Factory outputs;
  private final Consumer<RtmpSessionSummary> summaries;
  private final InstantSource clock;

  /**
   * @param summaries is told of every ended connection, on its event loop
   */
  public RtmpIngest(
      StreamRegistry registry,
      PublishPolicy policy,
      StreamOutputs.Factory outputs,
      Consumer<RtmpSessionSummary> summaries,
      InstantSource clock) {
    this.registry = registry;
    this.policy = policy;
    this.outputs = outputs;
    this.summaries = summaries;
    this.clock = clock;
  }

  @Override
  public CompletionStage<PublishDecision> authorize(PublishRequest request) {
    if (policy.settings(request.stream()) == null) {
      return CompletableFuture.completedFuture(
          PublishDecision.reject(
              PublishDecision.BAD_NAME,
              "no stream of this server is called "
                  + request.stream()
                  + "; names like live/NAME are"));
    }
    return policy.authorize(request);
  }

  @Override
  public RtmpPublicationListener opened(RtmpPublication publication) {
    PublishRequest request = publication.request();
    Instant now = clock.instant();
    RtmpSession session = new RtmpSession(publication, now, System.nanoTime());
    ActiveStream stream =
        registry.claim(
            request.stream(),
            session,
            key ->
                new ActiveStream(
                    key, publication.eventLoop(), settings(key), registry, outputs, now));
    if (stream == null) {
      throw new PublishRefusedException(
          new PublishDecision.Reject(
              PublishDecision.BAD_NAME, request.stream() + " has a publisher already"));
    }
    LOG.atInfo()
        .addKeyValue("stream", request.stream())
        .addKeyValue("session", publication.sessionId())
        .addKeyValue("protocol", session.protocol())
        .addKeyValue("remote", request.remote())
        .addKeyValue("encoder", request.encoder())
        .addKeyValue("reconnects", stream.reconnects())
        .log("publisher connected");
    session.start(stream);
    return session;
  }

  private StreamSettings settings(StreamKey key) {
    StreamSettings settings = policy.settings(key);
    if (settings == null) {
      throw new PublishRefusedException(
          new PublishDecision.Reject(
              PublishDecision.BAD_NAME, key + " is not configured any more"));
    }
    return settings;
  }

  @Override
  public void sessionEnded(RtmpSessionSummary summary) {
    summaries.accept(summary);
  }
}
