package io.millrace.media.timeline;

/**
 * Tells when a video track's next frame is due: where the last steps of its decoding times were
 * equal to the tick, the next one will be. A frame that comes at another time takes that back,
 * until the steps are equal again.
 *
 * <p>Nominal durations are no help here: publishers declare frame rates that they do not keep.
 *
 * <p>Not thread-safe.
 */
public final class Cadence {
  /** Equal steps one after another; two may be chance. */
  private static final int ENOUGH = 3;

  private long lastTicks = Long.MIN_VALUE;
  private long stepTicks;
  private int equal;

  /** Takes the decoding time of the next frame. */
  public void add(long dtsTicks) {
    long step = lastTicks == Long.MIN_VALUE ? 0 : dtsTicks - lastTicks;
    equal = step > 0 && step == stepTicks ? Math.min(equal + 1, ENOUGH) : step > 0 ? 1 : 0;
    stepTicks = step;
    lastTicks = dtsTicks;
  }

  /** What lies between frames; 0 where that is not sure. */
  public long steadyTicks() {
    return equal == ENOUGH ? stepTicks : 0;
  }

  /** Forgets everything: another source follows. */
  public void restart() {
    lastTicks = Long.MIN_VALUE;
    equal = 0;
  }
}
