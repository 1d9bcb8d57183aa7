package io.millrace.server.ingest;

import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishVerdict;
import io.millrace.server.config.Passphrase;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventType;
import io.millrace.server.live.ActiveStream;
import io.millrace.transport.srt.SrtDecision;
import io.millrace.transport.srt.SrtPublication;
import io.millrace.transport.srt.SrtPublicationListener;
import io.millrace.transport.srt.SrtPublishHandler;
import io.millrace.transport.srt.SrtRefusedException;
import io.millrace.transport.srt.SrtRequest;
import io.millrace.transport.srt.SrtSessionSummary;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.millrace.transport.srt.wire.RejectCode;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Joins SRT publishers to streams: checks that the name is configured, the passphrase and the key
 * right, and claims the stream.
 */
public final class SrtIngest implements SrtPublishHandler {
  private static final Logger LOG = LoggerFactory.getLogger(SrtIngest.class);

  private final Streams streams;
  private final PublishPolicy policy;
  private final Consumer<SrtSessionSummary> summaries;

  /**
   * @param summaries is told of every ended connection, on its event loop
   */
  public SrtIngest(Streams streams, PublishPolicy policy, Consumer<SrtSessionSummary> summaries) {
    this.streams = streams;
    this.policy = policy;
    this.summaries = summaries;
  }

  @Override
  public CompletionStage<SrtDecision> authorize(SrtRequest request) {
    if (policy.settings(request.stream()) == null) {
      streams.unknown(attempt(request));
      return CompletableFuture.completedFuture(
          SrtDecision.reject(
              RejectCode.NOT_FOUND, "no stream of this server is called " + request.stream()));
    }
    Passphrase passphrase = policy.passphrase(request.stream());
    String secret = passphrase == null ? null : passphrase.text();
    if (passphrase != null && policy.trustsPassphrase(request.stream())) {
      return CompletableFuture.completedFuture(SrtDecision.accept(secret));
    }
    return policy.authorize(attempt(request)).thenApply(verdict -> decide(verdict, secret));
  }

  private static PublishAttempt attempt(SrtRequest request) {
    return new PublishAttempt(
        request.stream(),
        request.query(),
        request.remote().getAddress(),
        "srt",
        request.sessionId(),
        "SRT " + request.version());
  }

  private static SrtDecision decide(PublishVerdict verdict, @Nullable String secret) {
    return switch (verdict.kind()) {
      case ALLOWED -> SrtDecision.accept(secret);
      case UNAUTHORIZED -> SrtDecision.reject(RejectCode.UNAUTHORIZED, verdict.text());
      case FORBIDDEN -> SrtDecision.reject(RejectCode.FORBIDDEN, verdict.text());
      case NOT_FOUND -> SrtDecision.reject(RejectCode.NOT_FOUND, verdict.text());
      case CONFLICT -> SrtDecision.reject(RejectCode.CONFLICT, verdict.text());
      case UNAVAILABLE -> SrtDecision.reject(RejectCode.OVERLOAD, verdict.text());
    };
  }

  @Override
  public SrtPublicationListener opened(SrtPublication publication) {
    SrtRequest request = publication.request();
    SrtSession session =
        new SrtSession(new PushedLink(publication), Instant.now(), System.nanoTime());
    ActiveStream stream;
    try {
      stream = streams.claim(request.stream(), session, publication.eventLoop());
    } catch (StreamUnavailableException e) {
      int code =
          switch (e.kind()) {
            case NOT_FOUND -> RejectCode.NOT_FOUND;
            case BUSY -> RejectCode.CONFLICT;
            case OVERLOADED -> RejectCode.OVERLOAD;
          };
      throw new SrtRefusedException(code, e.text());
    }
    streams
        .events()
        .say(
            LOG,
            EventNote.info(EventType.STREAM_PUBLISHED, request.stream(), "publisher connected")
                .with("session", publication.sessionId())
                .with("protocol", session.protocol())
                .with("remote", request.remote())
                .with("encoder", session.encoder())
                .with("encrypted", request.encrypted())
                .with("reconnects", stream.reconnects()));
    session.start(stream);
    session.whenEnded(
        Recheck.start(
            policy, attempt(request), session, publication.eventLoop(), streams.events()));
    return session;
  }

  @Override
  public void sessionEnded(SrtSessionSummary summary) {
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("session", summary.sessionId())
            .addKeyValue("remote", summary.remote())
            .addKeyValue("stream", summary.stream() == null ? "" : summary.stream())
            .addKeyValue("kind", summary.end().kind())
            .addKeyValue("reason", summary.end().text());
    SrtStatistics statistics = summary.statistics();
    if (statistics == null) {
      line.addKeyValue("code", summary.rejectCode()).log("srt publisher refused");
    } else {
      line.addKeyValue("bytes", statistics.byteRecv())
          .addKeyValue("lost", statistics.pktRcvLoss())
          .addKeyValue("never_came", statistics.pktRcvDrop())
          .addKeyValue("duration_ms", summary.durationMs())
          .log("srt session ended");
    }
    summaries.accept(summary);
  }

  private record PushedLink(SrtPublication publication) implements SrtSession.Link {
    @Override
    public String sessionId() {
      return publication.sessionId();
    }

    @Override
    public InetSocketAddress remote() {
      return publication.request().remote();
    }

    @Override
    public String peer() {
      return "SRT " + publication.request().version();
    }

    @Override
    public Map<String, String> parameters() {
      return publication.request().query();
    }

    @Override
    public EventLoop eventLoop() {
      return publication.eventLoop();
    }

    @Override
    public void close(String reason) {
      publication.close(reason);
    }

    @Override
    public CompletionStage<SrtStatistics> statistics() {
      return publication.statistics();
    }
  }
}
