package io.millrace.transport.srt.flow;

import java.util.Arrays;

/**
 * A rate from the newest intervals between packets, those far from their median left out
 * (draft-sharabayko-srt-01 §4.8.1, as in UDT: 1/8 to 8 times the median counts).
 */
final class MedianRate {
  private static final int SPREAD = 8;
  private static final int US_PER_SECOND = 1_000_000;

  private final int[] intervalsUs;
  private final int[] sorted;
  private int count;

  MedianRate(int intervals) {
    intervalsUs = new int[intervals];
    sorted = new int[intervals];
  }

  void interval(long us) {
    intervalsUs[count++ % intervalsUs.length] = (int) Math.clamp(us, 0, US_PER_SECOND);
    if (count == 2 * intervalsUs.length) {
      count = intervalsUs.length;
    }
  }

  /** Packets a second; 0 as long as there are too few intervals, or too many far off. */
  int perSecond() {
    int length = intervalsUs.length;
    if (count < length) {
      return 0;
    }
    System.arraycopy(intervalsUs, 0, sorted, 0, length);
    Arrays.sort(sorted);
    int median = sorted[length / 2];
    long sumUs = 0;
    int counted = 0;
    for (int us : sorted) {
      if (us >= median / SPREAD && us <= median * SPREAD) {
        sumUs += us;
        counted++;
      }
    }
    if (counted <= length / 2) {
      return 0;
    }
    return (int) ((long) US_PER_SECOND * counted / Math.max(1, sumUs));
  }
}
