package io.millrace.transport.rtmp;

import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a publish to the handler, and brings its answer back to the connection's event loop. */
final class PublishAuthorization {
  private static final Logger LOG = LoggerFactory.getLogger(PublishAuthorization.class);

  /** Takes the answer, on the event loop. */
  interface Host {
    void decided(PublishRequest request, int messageStreamId, Answer answer);
  }

  /** What came back. */
  sealed interface Answer {
    /** The handler has decided. */
    record Decided(PublishDecision decision) implements Answer {}

    /** The handler has failed; that is in the log. */
    record Failed() implements Answer {}
  }

  private PublishAuthorization() {}

  /**
   * Asks.
   *
   * @throws RuntimeException what the handler throws at once
   */
  static void ask(
      RtmpPublishHandler handler,
      PublishRequest request,
      int messageStreamId,
      EventLoop loop,
      Host host) {
    handler
        .authorize(request)
        .whenComplete(
            (decision, failure) -> {
              Answer answer = answer(request, decision, failure);
              if (loop.inEventLoop()) {
                host.decided(request, messageStreamId, answer);
              } else {
                loop.execute(() -> host.decided(request, messageStreamId, answer));
              }
            });
  }

  private static Answer answer(
      PublishRequest request, @Nullable PublishDecision decision, @Nullable Throwable failure) {
    if (decision != null) {
      return new Answer.Decided(decision);
    }
    LOG.atWarn()
        .addKeyValue("session", request.sessionId())
        .setCause(failure)
        .log("authorisation failed");
    return new Answer.Failed();
  }
}
