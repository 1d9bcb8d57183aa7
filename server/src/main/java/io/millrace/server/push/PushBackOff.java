package io.millrace.server.push;

import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a server is tried again: 1 s, doubled with each failure up to 30 s, each
 * time a fifth more or less, so that those who have lost the same server do not come back at once.
 */
final class PushBackOff {
  static final long FIRST_NS = TimeUnit.SECONDS.toNanos(1);
  static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(30);

  /** A connection that has lasted so long was a good one. */
  static final long GOOD_AFTER_NS = TimeUnit.SECONDS.toNanos(60);

  private static final double JITTER = 0.2;

  private final RandomGenerator random;
  private long pauseNs = FIRST_NS;

  PushBackOff(RandomGenerator random) {
    this.random = random;
  }

  /**
   * The pause after a failure.
   *
   * @param upNs how long the stream had been sent before it
   */
  long failed(long upNs) {
    if (upNs >= GOOD_AFTER_NS) {
      pauseNs = FIRST_NS;
    }
    long base = pauseNs;
    pauseNs = Math.min(2 * pauseNs, LONGEST_NS);
    return Math.min((long) (base * (1 - JITTER + 2 * JITTER * random.nextDouble())), LONGEST_NS);
  }
}
