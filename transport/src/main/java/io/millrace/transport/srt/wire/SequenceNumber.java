package io.millrace.transport.srt.wire;

/**
 * Packet sequence numbers: 31 bits that wrap (draft-sharabayko-srt-01 §3.1). Two numbers can be
 * compared when they are less than 2^30 apart; all methods take numbers of 0 to {@link #MAX}.
 */
public final class SequenceNumber {
  public static final int MAX = 0x7FFF_FFFF;

  private SequenceNumber() {}

  public static int next(int sequence) {
    return (sequence + 1) & MAX;
  }

  public static int previous(int sequence) {
    return (sequence - 1) & MAX;
  }

  /**
   * @param delta may be negative
   */
  public static int add(int sequence, int delta) {
    return (sequence + delta) & MAX;
  }

  /** How far {@code to} is behind {@code from}: −2^30 to 2^30 − 1, negative when it is before. */
  public static int distance(int from, int to) {
    return ((to - from) << 1) >> 1;
  }

  /** Whether {@code a} comes before {@code b}. */
  public static boolean isBefore(int a, int b) {
    return distance(b, a) < 0;
  }

  /**
   * Packets in {@code first} to {@code last}, both included; 0 or less when they are turned round.
   */
  public static int count(int first, int last) {
    return distance(first, last) + 1;
  }
}
