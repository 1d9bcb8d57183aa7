package io.millrace.transport.rtmp;

import io.netty.channel.EventLoop;

/** One accepted publisher, seen from the server. Methods may be called from any thread. */
public interface RtmpPublication {
  /** The connection's id, as in {@link PublishRequest#sessionId()}. */
  String sessionId();

  PublishRequest request();

  /** The loop on which {@link RtmpPublicationListener} is called. */
  EventLoop eventLoop();

  /**
   * Tells the publisher an onStatus error and disconnects it. The listener's {@code onEnd} follows
   * with {@link EndReason.Kind#REJECTED}.
   *
   * @param code such as {@link PublishDecision#REJECTED}
   */
  void reject(String code, String description);

  /**
   * Tells the publisher that it was unpublished and disconnects it. {@code onEnd} follows with
   * {@link EndReason.Kind#CLOSED_BY_SERVER}.
   */
  void close(String reason);

  /** Bytes received on the connection, handshake included, TLS framing not. */
  long bytesReceived();
}
