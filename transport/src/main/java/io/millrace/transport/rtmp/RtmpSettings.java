package io.millrace.transport.rtmp;

import java.time.Duration;

/**
 * Deadlines and limits of an {@link RtmpServer}. Immutable; start from {@link #defaults()}.
 *
 * @param handshakeDeadline from accept to the end of the RTMP handshake, TLS's included
 * @param authDeadline from the end of the handshake to an accepted publish; again after an
 *     unpublish
 * @param idleDeadline longest time without a complete audio or video message while publishing
 * @param windowAckBytes by which the peer is to acknowledge what we send, and how far it may be
 *     ahead of our acknowledgements (Adobe RTMP 1.0 §5.4.4, §5.4.5)
 * @param outChunkBytes chunk size that we send with, 128 to 16777215 (§5.4.1)
 * @param maxUnauthenticatedPerAddress connections that one address (IPv6: /64) may have open
 *     without an accepted publish
 * @param maxConnections connections in all
 * @param maxBufferedBytes partial messages held for an accepted publisher; a message alone may be
 *     16777215
 * @param maxNameLength longest app or stream name, in characters
 */
public record RtmpSettings(
    Duration handshakeDeadline,
    Duration authDeadline,
    Duration idleDeadline,
    int windowAckBytes,
    int outChunkBytes,
    int maxUnauthenticatedPerAddress,
    int maxConnections,
    int maxBufferedBytes,
    int maxNameLength) {

  public RtmpSettings {
    inRange("handshakeDeadline", handshakeDeadline.toMillis(), 1, Integer.MAX_VALUE);
    inRange("authDeadline", authDeadline.toMillis(), 1, Integer.MAX_VALUE);
    inRange("idleDeadline", idleDeadline.toMillis(), 1, Integer.MAX_VALUE);
    inRange("windowAckBytes", windowAckBytes, 4096, Integer.MAX_VALUE);
    inRange("outChunkBytes", outChunkBytes, 128, 0xFFFFFF);
    inRange("maxUnauthenticatedPerAddress", maxUnauthenticatedPerAddress, 1, Integer.MAX_VALUE);
    inRange("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
    inRange("maxBufferedBytes", maxBufferedBytes, 64 << 10, 1 << 30);
    inRange("maxNameLength", maxNameLength, 1, 255);
  }

  public static RtmpSettings defaults() {
    return new RtmpSettings(
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(15),
        2_500_000,
        65_536,
        64,
        10_000,
        24 << 20,
        128);
  }

  public RtmpSettings withDeadlines(Duration handshake, Duration auth, Duration idle) {
    return new RtmpSettings(
        handshake,
        auth,
        idle,
        windowAckBytes,
        outChunkBytes,
        maxUnauthenticatedPerAddress,
        maxConnections,
        maxBufferedBytes,
        maxNameLength);
  }

  public RtmpSettings withConnectionLimits(int unauthenticatedPerAddress, int connections) {
    return new RtmpSettings(
        handshakeDeadline,
        authDeadline,
        idleDeadline,
        windowAckBytes,
        outChunkBytes,
        unauthenticatedPerAddress,
        connections,
        maxBufferedBytes,
        maxNameLength);
  }

  public RtmpSettings withMaxBuffered(int bytes) {
    return new RtmpSettings(
        handshakeDeadline,
        authDeadline,
        idleDeadline,
        windowAckBytes,
        outChunkBytes,
        maxUnauthenticatedPerAddress,
        maxConnections,
        bytes,
        maxNameLength);
  }

  private static void inRange(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s is %d, must be %d to %d".formatted(name, value, min, max));
    }
  }
}
