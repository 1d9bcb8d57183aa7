package io.millrace.transport.rtmp;

import io.netty.channel.EventLoop;

/** One accepted publisher, seen from the server. Methods may be called from any thread. */
public interface RtmpPublication {
  /** The connection's id, as in {@link PublishRequest#sessionId()}. */
  String sessionId();

  PublishRequest request();

  /** What the publisher has said in {@code connect} that it can do beyond RTMP 1.0. */
  RtmpCapabilities capabilities();

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

  /**
   * Asks the publisher to go on over another connection ({@code
   * NetConnection.Connect.ReconnectRequest}, Enhanced RTMP v2). It goes on here until it has one;
   * nothing else changes.
   *
   * @param tcUrl where to, without the stream's name: absolute, or relative to the tcUrl that it
   *     has connected with; empty for that one
   * @param description for a person; may be empty
   * @return false where the publisher has not said that it can ({@link
   *     RtmpCapabilities#reconnect}): then nothing is sent
   */
  boolean requestReconnect(String tcUrl, String description);

  /** Bytes received on the connection, handshake included, TLS framing not. */
  long bytesReceived();
}
