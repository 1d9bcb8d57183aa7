package io.millrace.loadtest.viewers;

import java.util.Arrays;

/** When the viewers of one event loop got one update. Confined to the loop until it is merged. */
final class Arrivals {
  private long[] atNs = new long[64];
  private int count;

  void add(long nowNs) {
    if (count == atNs.length) {
      atNs = Arrays.copyOf(atNs, 2 * count);
    }
    atNs[count++] = nowNs;
  }

  void addAll(Arrivals others) {
    for (int i = 0; i < others.count; i++) {
      add(others.atNs[i]);
    }
  }

  int count() {
    return count;
  }

  long firstNs() {
    return Arrays.stream(atNs, 0, count).min().orElse(0);
  }

  /** How long after the first viewer each got it. */
  long[] afterFirstNs() {
    long firstNs = firstNs();
    return Arrays.stream(atNs, 0, count).map(at -> at - firstNs).toArray();
  }
}
