package io.millrace.transport.srt.flow;

/**
 * Packets that are to be sent once more shortly after they were sent again. Bounded: what finds no
 * room is sent once.
 */
final class SecondCopies {
  private static final int SLOTS = 256;

  private final long[] positions = new long[SLOTS];
  private final long[] timesUs = new long[SLOTS];
  private int read;
  private int count;

  /**
   * @param atUs not before the time of the one added last, or a little late
   */
  void add(long position, long atUs) {
    if (count < SLOTS) {
      int slot = (read + count++) % SLOTS;
      positions[slot] = position;
      timesUs[slot] = atUs;
    }
  }

  long dueUs() {
    return count == 0 ? SrtConnection.NEVER : timesUs[read];
  }

  /** The next position that is due, or −1. */
  long poll(long nowUs) {
    if (nowUs < dueUs()) {
      return -1;
    }
    long position = positions[read];
    read = (read + 1) % SLOTS;
    count--;
    return position;
  }
}
