package io.millrace.server.ingest;

import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishVerdict;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventType;
import io.millrace.server.live.ActiveStream;
import io.millrace.transport.rtmp.PublishDecision;
import io.millrace.transport.rtmp.PublishRefusedException;
import io.millrace.transport.rtmp.PublishRequest;
import io.millrace.transport.rtmp.RtmpPublication;
import io.millrace.transport.rtmp.RtmpPublicationListener;
import io.millrace.transport.rtmp.RtmpPublishHandler;
import io.millrace.transport.rtmp.RtmpSessionSummary;
import java.time.Instant;
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

  private final Streams streams;
  private final PublishPolicy policy;
  private final Consumer<RtmpSessionSummary> summaries;

  /**
   * @param summaries is told of every ended connection, on its event loop
   */
  public RtmpIngest(Streams streams, PublishPolicy policy, Consumer<RtmpSessionSummary> summaries) {
    this.streams = streams;
    this.policy = policy;
    this.summaries = summaries;
  }

  @Override
  public CompletionStage<PublishDecision> authorize(PublishRequest request) {
    if (policy.settings(request.stream()) == null) {
      streams.unknown(attempt(request));
      return CompletableFuture.completedFuture(
          PublishDecision.reject(
              PublishDecision.BAD_NAME,
              "no stream of this server is called "
                  + request.stream()
                  + "; names like live/NAME are"));
    }
    return policy.authorize(attempt(request)).thenApply(RtmpIngest::decide);
  }

  private static PublishAttempt attempt(PublishRequest request) {
    return new PublishAttempt(
        request.stream(),
        request.query(),
        request.remote().getAddress(),
        request.secure() ? "rtmps" : "rtmp",
        request.sessionId(),
        request.encoder());
  }

  private static PublishDecision decide(PublishVerdict verdict) {
    return switch (verdict.kind()) {
      case ALLOWED -> PublishDecision.accept();
      case UNAUTHORIZED, FORBIDDEN, UNAVAILABLE ->
          PublishDecision.reject(PublishDecision.UNAUTHORIZED, verdict.text());
      case NOT_FOUND, CONFLICT -> PublishDecision.reject(PublishDecision.BAD_NAME, verdict.text());
    };
  }

  @Override
  public RtmpPublicationListener opened(RtmpPublication publication) {
    PublishRequest request = publication.request();
    RtmpSession session = new RtmpSession(publication, Instant.now(), System.nanoTime());
    ActiveStream stream;
    try {
      stream = streams.claim(request.stream(), session, publication.eventLoop());
    } catch (StreamUnavailableException e) {
      throw new PublishRefusedException(
          new PublishDecision.Reject(PublishDecision.BAD_NAME, e.text()));
    }
    streams
        .events()
        .say(
            LOG,
            EventNote.info(EventType.STREAM_PUBLISHED, request.stream(), "publisher connected")
                .with("session", publication.sessionId())
                .with("protocol", session.protocol())
                .with("remote", request.remote())
                .with("encoder", request.encoder())
                .with("reconnects", stream.reconnects()));
    session.start(stream);
    session.whenEnded(
        Recheck.start(
            policy, attempt(request), session, publication.eventLoop(), streams.events()));
    return session;
  }

  @Override
  public void sessionEnded(RtmpSessionSummary summary) {
    summaries.accept(summary);
  }
}
