package io.millrace.loadtest.srt;

import java.util.Arrays;

/** Measurements of one kind, sorted. */
final class Spread {
  private final long[] sorted;

  /** Takes a copy of the first {@code count} values. */
  Spread(long[] values, int count) {
    sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
  }

  int count() {
    return sorted.length;
  }

  /**
   * The value that {@code share} of all values do not exceed (nearest rank); 0 when there is none.
   *
   * @param share above 0, at most 1
   */
  long quantile(double share) {
    if (sorted.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.clamp(rank - 1, 0, sorted.length - 1)];
  }

  long max() {
    return quantile(1);
  }
}
