package io.millrace.transport.srt.flow;

import io.millrace.transport.srt.wire.SrtPacket;

/**
 * What the handshake settled.
 *
 * @param peerSocketId destination of every packet
 * @param startUs the time that the own packets' timestamps count from
 * @param mssBytes largest IP packet, with its headers
 * @param initialRttUs the round trip of the handshake; 0 when not measured
 */
public record FlowSettings(
    int peerSocketId,
    long startUs,
    int mssBytes,
    long initialRttUs,
    Receiving receiving,
    Sending sending) {

  /** A connection whose peer is silent for so long has ended. */
  public static final long PEER_IDLE_US = 5_000_000;

  /** A side that has nothing to say says so once in this time. */
  public static final long KEEP_ALIVE_US = 1_000_000;

  /** SYN, the period of acknowledgements (draft-sharabayko-srt-01 §4.8.1). */
  static final long SYN_US = 10_000;

  static final long MAX_LATENCY_US = 60_000_000;
  static final int MIN_WINDOW_PACKETS = 64;
  static final int MAX_WINDOW_PACKETS = 1 << 18;
  private static final int MIN_MSS_BYTES = 76;
  private static final int MAX_MSS_BYTES = 65_535;

  /**
   * @param firstSequence the peer's initial sequence number
   * @param peerStartUs the peer's timestamp zero on the own clock: arrival of its conclusion (or of
   *     the answer to it), less the timestamp in that packet (§4.5.1.1)
   * @param latencyUs negotiated: from sending, as seen here, to delivery
   * @param windowPackets most packets held; rounded up to a power of two
   * @param maxHeldBytes most payload held
   * @param tooLateDrop whether a missing packet is given up when a later one is due
   * @param repeatNak whether losses are reported more than once (NAKREPORT)
   * @param thriftyPeer whether the peer sends a packet again at most once per round trip, however
   *     often it is asked: libsrt since 1.4.4 does
   * @param maxReorderPackets how much reordering is waited for before a loss is reported, at most;
   *     0 reports at once (LOSSMAXTTL)
   */
  public record Receiving(
      int firstSequence,
      long peerStartUs,
      long latencyUs,
      int windowPackets,
      int maxHeldBytes,
      boolean tooLateDrop,
      boolean repeatNak,
      boolean thriftyPeer,
      int maxReorderPackets) {
    public Receiving {
      check(firstSequence, latencyUs, windowPackets, maxHeldBytes);
      require(maxReorderPackets >= 0, "reordering", maxReorderPackets);
    }
  }

  /**
   * @param firstSequence the own initial sequence number
   * @param latencyUs of the peer's receiver
   * @param windowPackets most packets held and in flight: the peer's flow window or less
   * @param maxHeldBytes most bytes held
   * @param tooLateDrop whether packets too old to be of use are dropped
   * @param peerRepeatsNak whether the peer reports losses periodically
   * @param overheadPercent how much more than the input may be sent, for what is sent again
   * @param inputBytesPerSecond the least input to pace for; it is measured beyond that
   */
  public record Sending(
      int firstSequence,
      long latencyUs,
      int windowPackets,
      int maxHeldBytes,
      boolean tooLateDrop,
      boolean peerRepeatsNak,
      int overheadPercent,
      long inputBytesPerSecond) {
    public Sending {
      check(firstSequence, latencyUs, windowPackets, maxHeldBytes);
      require(overheadPercent >= 5 && overheadPercent <= 100, "overhead", overheadPercent);
      require(inputBytesPerSecond >= 0, "input rate", inputBytesPerSecond);
    }
  }

  /**
   * @throws IllegalArgumentException for a value that no handshake may let through
   */
  public FlowSettings {
    require(mssBytes >= MIN_MSS_BYTES && mssBytes <= MAX_MSS_BYTES, "MSS", mssBytes);
    require(initialRttUs >= 0, "round trip", initialRttUs);
  }

  /** Bytes of a datagram, its SRT header included. */
  public int maxPacketBytes() {
    return mssBytes - SrtPacket.UDP_HEADER_BYTES;
  }

  /** Bytes of a message: in live mode one is one packet. */
  public int maxPayloadBytes() {
    return maxPacketBytes() - SrtPacket.HEADER_BYTES;
  }

  private static void check(int sequence, long latencyUs, int windowPackets, int heldBytes) {
    require(sequence >= 0, "sequence number", sequence);
    require(latencyUs >= 0 && latencyUs <= MAX_LATENCY_US, "latency", latencyUs);
    require(
        windowPackets >= MIN_WINDOW_PACKETS && windowPackets <= MAX_WINDOW_PACKETS,
        "window",
        windowPackets);
    require(heldBytes > 0, "held bytes", heldBytes);
  }

  private static void require(boolean condition, String what, long value) {
    if (!condition) {
      throw new IllegalArgumentException(what + " out of range: " + value);
    }
  }
}
