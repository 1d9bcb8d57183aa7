package io.millrace.transport.srt;

import io.millrace.transport.srt.wire.SenderKeys;
import java.time.Duration;

/**
 * Limits and deadlines of an {@link SrtServer}. Immutable; start from {@link #defaults()}.
 *
 * @param latency of receiving, at least; a caller may ask for more (TSBPD)
 * @param maxLatency what a caller that asks for more than this gets
 * @param mtuBytes largest IP packet, headers included
 * @param windowPackets most packets held for a connection (flow window)
 * @param maxHeldBytes most payload held for a connection
 * @param socketBufferBytes asked of the kernel for each receiving socket; it may give less
 * @param authDeadline longest that {@link SrtPublishHandler#authorize} may take
 * @param maxConnections connections and handshakes past the cookie, in all
 * @param maxHandshakesPerAddress handshakes past the cookie at one time, by address (IPv6: /64)
 * @param inductionsPerSecond first packets answered, by all callers together; the rest is dropped
 * @param handshakesPerSourcePerSecond handshake packets looked at from one source (IPv4 address,
 *     IPv6 /64); the rest is dropped, so that no source takes the answers of all others
 * @param keyRefreshPackets packets sent with one key
 * @param keyAnnouncePackets packets by which the next key is announced before
 */
public record SrtSettings(
    Duration latency,
    Duration maxLatency,
    int mtuBytes,
    int windowPackets,
    int maxHeldBytes,
    int socketBufferBytes,
    Duration authDeadline,
    int maxConnections,
    int maxHandshakesPerAddress,
    int inductionsPerSecond,
    int handshakesPerSourcePerSecond,
    long keyRefreshPackets,
    long keyAnnouncePackets) {

  /** No connection is delayed by more. */
  static final int MAX_LATENCY_MS = 60_000;

  /** Of packets: the largest that Ethernet carries. */
  static final int MAX_MTU_BYTES = 1500;

  /** Less than this leaves no room for one MPEG-TS packet. */
  static final int MIN_MTU_BYTES = 256;

  public SrtSettings {
    inRange("latency", latency.toMillis(), 0, MAX_LATENCY_MS);
    inRange("maxLatency", maxLatency.toMillis(), latency.toMillis(), MAX_LATENCY_MS);
    inRange("mtuBytes", mtuBytes, MIN_MTU_BYTES, MAX_MTU_BYTES);
    inRange("windowPackets", windowPackets, 64, 1 << 18);
    inRange("maxHeldBytes", maxHeldBytes, 1 << 20, 1 << 30);
    inRange("socketBufferBytes", socketBufferBytes, 64 << 10, 1 << 30);
    inRange("authDeadline", authDeadline.toMillis(), 1, 60_000);
    inRange("maxConnections", maxConnections, 1, 1 << 20);
    inRange("maxHandshakesPerAddress", maxHandshakesPerAddress, 1, 1 << 20);
    inRange("inductionsPerSecond", inductionsPerSecond, 1, 1 << 20);
    inRange("handshakesPerSourcePerSecond", handshakesPerSourcePerSecond, 1, 1 << 20);
    inRange("keyAnnouncePackets", keyAnnouncePackets, 1, 1L << 30);
    inRange("keyRefreshPackets", keyRefreshPackets, 2 * keyAnnouncePackets, 1L << 30);
  }

  public static SrtSettings defaults() {
    return new SrtSettings(
        Duration.ofMillis(120),
        Duration.ofSeconds(10),
        MAX_MTU_BYTES,
        8192,
        24 << 20,
        8 << 20,
        Duration.ofSeconds(10),
        4096,
        64,
        2000,
        500,
        SenderKeys.DEFAULT_REFRESH_PACKETS,
        SenderKeys.DEFAULT_ANNOUNCE_PACKETS);
  }

  public SrtSettings withLatency(Duration least, Duration most) {
    return new SrtSettings(
        least,
        most,
        mtuBytes,
        windowPackets,
        maxHeldBytes,
        socketBufferBytes,
        authDeadline,
        maxConnections,
        maxHandshakesPerAddress,
        inductionsPerSecond,
        handshakesPerSourcePerSecond,
        keyRefreshPackets,
        keyAnnouncePackets);
  }

  public SrtSettings withLimits(int connections, int handshakesPerAddress, int inductions) {
    return new SrtSettings(
        latency,
        maxLatency,
        mtuBytes,
        windowPackets,
        maxHeldBytes,
        socketBufferBytes,
        authDeadline,
        connections,
        handshakesPerAddress,
        inductions,
        handshakesPerSourcePerSecond,
        keyRefreshPackets,
        keyAnnouncePackets);
  }

  public SrtSettings withAuthDeadline(Duration deadline) {
    return new SrtSettings(
        latency,
        maxLatency,
        mtuBytes,
        windowPackets,
        maxHeldBytes,
        socketBufferBytes,
        deadline,
        maxConnections,
        maxHandshakesPerAddress,
        inductionsPerSecond,
        handshakesPerSourcePerSecond,
        keyRefreshPackets,
        keyAnnouncePackets);
  }

  public SrtSettings withHandshakesPerSource(int perSecond) {
    return new SrtSettings(
        latency,
        maxLatency,
        mtuBytes,
        windowPackets,
        maxHeldBytes,
        socketBufferBytes,
        authDeadline,
        maxConnections,
        maxHandshakesPerAddress,
        inductionsPerSecond,
        perSecond,
        keyRefreshPackets,
        keyAnnouncePackets);
  }

  private static void inRange(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          "%s is %d, must be %d to %d".formatted(name, value, min, max));
    }
  }
}
