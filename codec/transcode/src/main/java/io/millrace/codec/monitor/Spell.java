package io.millrace.codec.monitor;

import io.millrace.media.Timescale;
import java.time.Duration;

/** How long something has been so without a break, in media time. One thread. */
final class Spell {
  private static final Timescale NANOS = new Timescale(1_000_000_000);

  private boolean open;
  private long sinceTicks;
  private Duration lasted = Duration.ZERO;

  /**
   * Begins a spell, or continues the one that began earlier.
   *
   * @param fromTicks when it began, if it begins here
   * @param toTicks up to when it is known to last
   */
  void holds(long fromTicks, long toTicks, Timescale timescale) {
    if (!open) {
      open = true;
      sinceTicks = fromTicks;
    }
    lasted = Duration.ofNanos(Math.max(0, timescale.rescale(toTicks - sinceTicks, NANOS)));
  }

  void ends() {
    open = false;
    lasted = Duration.ZERO;
  }

  Duration lasted() {
    return lasted;
  }
}
