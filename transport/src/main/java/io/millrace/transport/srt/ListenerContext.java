package io.millrace.transport.srt;

import io.millrace.media.StreamKey;
import io.millrace.transport.PublisherLimiter;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the doors of a server share. Thread safe. */
final class ListenerContext {
  private static final Logger LOG = LoggerFactory.getLogger(ListenerContext.class);

  private final SrtSettings settings;
  private final SrtPublishHandler handler;
  private final PublisherLimiter limiter;
  private final Executor keyThreads;
  private final SecureRandom random = new SecureRandom();
  private final byte[] cookieSecret = new byte[CookieBaker.SECRET_BYTES];
  private volatile boolean closing;

  /**
   * @param keyThreads derive keys from passphrases; may refuse
   */
  ListenerContext(SrtSettings settings, SrtPublishHandler handler, Executor keyThreads) {
    this.settings = settings;
    this.handler = handler;
    this.keyThreads = keyThreads;
    this.limiter =
        new PublisherLimiter(settings.maxConnections(), settings.maxHandshakesPerAddress());
    random.nextBytes(cookieSecret);
  }

  SrtSettings settings() {
    return settings;
  }

  SrtPublishHandler handler() {
    return handler;
  }

  PublisherLimiter limiter() {
    return limiter;
  }

  Executor keyThreads() {
    return keyThreads;
  }

  SecureRandom random() {
    return random;
  }

  byte[] cookieSecret() {
    return cookieSecret.clone();
  }

  boolean isClosing() {
    return closing;
  }

  void beginClosing() {
    closing = true;
  }

  void refused(
      String sessionId,
      InetSocketAddress remote,
      @Nullable StreamKey stream,
      boolean encrypted,
      int code,
      EndReason reason) {
    handler.sessionEnded(
        new SrtSessionSummary(sessionId, remote, stream, encrypted, code, reason, 0, null));
  }

  void failed(SrtRequest request, @Nullable Throwable failure) {
    LOG.atError()
        .addKeyValue("session", request.sessionId())
        .addKeyValue("stream", request.stream())
        .setCause(failure)
        .log("srt handshake failed");
  }
}
