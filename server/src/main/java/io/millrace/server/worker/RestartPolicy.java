package io.millrace.server.worker;

import java.time.Duration;

/**
 * When a worker that has ended is followed by another: the first time at once, then after longer
 * and longer; after too many quick ends in a row not before a long pause. Confined to one thread.
 */
final class RestartPolicy {
  private static final int MAX_DOUBLINGS = 4;

  private final Settings settings;
  private int quickEnds;
  private int pauses;

  /**
   * @param settled a worker that was ready for so long has not ended quickly
   * @param quickEnds so many in a row make a pause
   * @param firstDelay before the worker that follows the second of them; twice as long before the
   *     next
   * @param pause the first one; each that follows without a settled worker is twice as long
   * @param maxPause the longest
   */
  record Settings(
      Duration settled, int quickEnds, Duration firstDelay, Duration pause, Duration maxPause) {
    static Settings of(int quickEnds) {
      return new Settings(
          Duration.ofSeconds(10),
          quickEnds,
          Duration.ofMillis(250),
          Duration.ofMinutes(1),
          Duration.ofMinutes(10));
    }
  }

  /**
   * @param delayNs until the next start
   * @param pause true where the ladder is given up for the time being
   */
  record Next(long delayNs, boolean pause) {}

  RestartPolicy(Settings settings) {
    this.settings = settings;
  }

  /**
   * A worker has ended.
   *
   * @param readyNs how long it had been ready; 0 where it never was
   */
  Next ended(long readyNs) {
    if (readyNs >= settings.settled().toNanos()) {
      quickEnds = 0;
      pauses = 0;
    }
    quickEnds++;
    if (quickEnds >= settings.quickEnds()) {
      quickEnds = 0;
      int doublings = Math.min(pauses++, 16);
      long pauseNs = settings.pause().toNanos() << doublings;
      return new Next(Math.min(pauseNs, settings.maxPause().toNanos()), true);
    }
    int doublings = Math.min(quickEnds - 2, MAX_DOUBLINGS);
    return new Next(quickEnds == 1 ? 0 : settings.firstDelay().toNanos() << doublings, false);
  }
}
