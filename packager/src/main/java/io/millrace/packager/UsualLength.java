package io.millrace.packager;

import java.util.Arrays;

/**
 * How long the interval that has begun will probably be: as the median of the last three, so that
 * one that is longer or shorter, as where a source begins again, changes nothing. Confined to one
 * thread.
 */
final class UsualLength {
  private static final int REMEMBERED = 3;

  private final long[] newest = new long[REMEMBERED];
  private int count;
  private long ticks;

  /**
   * @param ticks as long as nothing has been measured
   */
  UsualLength(long ticks) {
    this.ticks = ticks;
  }

  void add(long lengthTicks) {
    newest[count++ % REMEMBERED] = lengthTicks;
    if (count < REMEMBERED) {
      ticks = lengthTicks;
      return;
    }
    long[] sorted = newest.clone();
    Arrays.sort(sorted);
    ticks = sorted[REMEMBERED / 2];
  }

  long ticks() {
    return ticks;
  }
}
