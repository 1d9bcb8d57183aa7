package io.millrace.transport.srt.flow;

/**
 * How many packets a missing one may be behind before it counts as lost: grows to what was seen and
 * shrinks by one for every so many packets in order (libsrt's adaptive LOSSMAXTTL). Nothing with a
 * limit of 0, where every gap is reported at once.
 */
final class ReorderTolerance {
  private static final int ORDERLY_PACKETS = 50;

  private final int limit;
  private int packets;
  private int largestSeen;
  private int inOrder;

  ReorderTolerance(int limit) {
    this.limit = limit;
  }

  /** A packet that was not sent again came {@code distance} packets late. */
  void late(long distance) {
    int seen = (int) Math.min(distance, Integer.MAX_VALUE);
    largestSeen = Math.max(largestSeen, seen);
    packets = Math.max(packets, Math.min(seen, limit));
    inOrder = 0;
  }

  void inOrder() {
    if (packets > 0 && ++inOrder >= ORDERLY_PACKETS) {
      inOrder = 0;
      packets--;
    }
  }

  int packets() {
    return packets;
  }

  int largestSeen() {
    return largestSeen;
  }
}
