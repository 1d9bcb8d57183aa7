package io.millrace.codec.ladder;

import io.millrace.media.Timescale;

/**
 * Content seconds per busy second over the last 2 to 4 seconds of content. Written by one thread,
 * read by any.
 */
final class RealTimeFactor {
  private static final long WINDOW_TICKS = 2L * Timescale.VIDEO.ticksPerSecond();
  private static final long NS_PER_SECOND = 1_000_000_000L;

  private long olderTicks;
  private long olderBusyNs;
  private long ticks;
  private long busyNs;
  private volatile double factor;

  /** Adds what was encoded, and the time that the encoder was busy with it. */
  void add(long contentTicks, long encoderBusyNs) {
    ticks += contentTicks;
    busyNs += encoderBusyNs;
    long allTicks = olderTicks + ticks;
    long allNs = olderBusyNs + busyNs;
    if (allTicks >= WINDOW_TICKS / 2 && allNs > 0) {
      double content = (double) allTicks / Timescale.VIDEO.ticksPerSecond();
      factor = content / ((double) allNs / NS_PER_SECOND);
    }
    if (ticks >= WINDOW_TICKS) {
      olderTicks = ticks;
      olderBusyNs = busyNs;
      ticks = 0;
      busyNs = 0;
    }
  }

  /** What comes is encoded otherwise; the last factor stays until there is another. */
  void reset() {
    olderTicks = 0;
    olderBusyNs = 0;
    ticks = 0;
    busyNs = 0;
  }

  /** 0 before the first second of content. */
  double get() {
    return factor;
  }
}
