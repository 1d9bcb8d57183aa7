package io.millrace.transport.srt.flow;

/**
 * A bit for every position of a window, in a ring of words. Setting one is O(1), finding the next
 * one is O(window / 64), and no pattern of losses can make it longer: this is the loss list of both
 * sides, in place of libsrt's linked ranges.
 *
 * <p>Position p is bit p mod capacity; whoever owns the window sees to it that it is no longer than
 * the capacity, and clears what it leaves behind.
 */
final class PositionBits {
  private final long[] words;
  private final int wordMask;

  /**
   * @param capacity a power of two, 64 or more
   */
  PositionBits(int capacity) {
    words = new long[capacity / Long.SIZE];
    wordMask = words.length - 1;
  }

  boolean get(long position) {
    return (words[word(position)] & (1L << position)) != 0;
  }

  void set(long position) {
    words[word(position)] |= 1L << position;
  }

  void clear(long position) {
    words[word(position)] &= ~(1L << position);
  }

  /** The first set position of {@code from} and up, or {@code end} when none is before it. */
  long nextSet(long from, long end) {
    return next(from, end, 0);
  }

  /** The first clear position of {@code from} and up, or {@code end} when none is before it. */
  long nextClear(long from, long end) {
    return next(from, end, -1L);
  }

  private long next(long from, long end, long flip) {
    long position = from;
    while (position < end) {
      long rest = (words[word(position)] ^ flip) >>> position;
      if (rest != 0) {
        return Math.min(position + Long.numberOfTrailingZeros(rest), end);
      }
      position = (position | (Long.SIZE - 1)) + 1;
    }
    return end;
  }

  private int word(long position) {
    return (int) (position >>> 6) & wordMask;
  }
}
