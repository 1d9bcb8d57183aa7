package io.millrace.transport.rtmp;

import io.millrace.media.StreamKey;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is on a connection, and what it has cost and brought: ends as its summary and one log line.
 * Confined to the channel's event loop but for {@link #receivedBytes}.
 */
final class SessionAccount {
  private static final Logger LOG = LoggerFactory.getLogger(SessionAccount.class);

  private final String sessionId;
  private final InetSocketAddress remote;
  private final boolean secure;
  private final long startNs;

  private volatile long receivedBytes;
  private long videoMessages;
  private long audioMessages;
  private @Nullable StreamKey stream;
  private String encoder = "";

  SessionAccount(String sessionId, InetSocketAddress remote, boolean secure, long startNs) {
    this.sessionId = sessionId;
    this.remote = remote;
    this.secure = secure;
    this.startNs = startNs;
  }

  String sessionId() {
    return sessionId;
  }

  /** From any thread. */
  long receivedBytes() {
    return receivedBytes;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes, other threads look
  void received(int bytes) {
    receivedBytes += bytes;
  }

  PublishRequest request(PublishTarget target, String client) {
    stream = target.stream();
    encoder(client);
    return new PublishRequest(sessionId, target.stream(), target.query(), remote, secure, encoder);
  }

  /**
   * @param name printable; an empty one changes nothing
   */
  void encoder(String name) {
    if (!name.isEmpty()) {
      encoder = name;
    }
  }

  @Nullable StreamKey stream() {
    return stream;
  }

  void addMessages(PublicationInput ended) {
    videoMessages += ended.videoMessages();
    audioMessages += ended.audioMessages();
  }

  /** Writes the log line, and returns what it says. */
  RtmpSessionSummary close(EndReason reason, boolean published, long sentBytes, long nowNs) {
    RtmpSessionSummary summary =
        new RtmpSessionSummary(
            sessionId,
            remote,
            secure,
            stream,
            encoder,
            published,
            reason,
            TimeUnit.NANOSECONDS.toMillis(nowNs - startNs),
            receivedBytes,
            sentBytes,
            videoMessages,
            audioMessages);
    LOG.atInfo()
        .addKeyValue("session", sessionId)
        .addKeyValue("remote", remote)
        .addKeyValue("stream", stream)
        .addKeyValue("encoder", encoder)
        .addKeyValue("kind", reason.kind())
        .addKeyValue("reason", reason.text())
        .addKeyValue("bytes", summary.bytesReceived())
        .addKeyValue("duration_ms", summary.durationMs())
        .log("rtmp session ended");
    return summary;
  }
}
