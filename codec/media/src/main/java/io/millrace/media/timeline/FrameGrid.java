package io.millrace.media.timeline;

import io.millrace.media.FrameRates;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import org.jspecify.annotations.Nullable;

/**
 * The exact grid of a frame rate under decoding and presentation times that the wire has rounded.
 * The rules are those of {@link Timeline}'s essay.
 */
final class FrameGrid {
  /** 1.5 ms: what two roundings to a millisecond can add up to, and half a millisecond to spare. */
  static final long TOLERANCE_TICKS = 540;

  /** Presentation times carry a rounding of their own, so they may be a millisecond further off. */
  private static final long PRESENTATION_TOLERANCE_TICKS = TOLERANCE_TICKS + 360;

  /** A miss beyond this is one late frame, until the next one is off as well. */
  private static final long DRIFT_TICKS = 2 * TOLERANCE_TICKS;

  private static final int STRIKES_PER_MISS = 16;
  private static final int STRIKES_OUT = 64;

  private final RateEstimator estimator;
  private @Nullable Rational rate;
  private boolean anchored;
  private long anchorTicks;
  private long lastTicks = Long.MIN_VALUE;
  private long lastStepTicks;
  private boolean lastWasOff;
  private int strikes;
  private long resyncs;

  FrameGrid(long wireTicks) {
    estimator = new RateEstimator(wireTicks);
  }

  /** The slot of {@code rate} nearest to {@code ticks}. */
  static long slot(long ticks, Rational rate) {
    return Timescale.scale(
        ticks, rate.numerator(), (long) Timescale.VIDEO.ticksPerSecond() * rate.denominator());
  }

  /** The time of a slot, to the nearest tick. */
  static long ticks(long slot, Rational rate) {
    return Timescale.scale(
        slot, (long) Timescale.VIDEO.ticksPerSecond() * rate.denominator(), rate.numerator());
  }

  /** Snaps to {@code declared} from the next sample on; null: measure. */
  void declare(@Nullable Rational declared) {
    rate = declared;
    anchored = false;
    strikes = 0;
    estimator.restart();
  }

  @Nullable Rational rate() {
    return rate;
  }

  /** What the next frame is expected to add: the rate's duration, or else the last step seen. */
  long stepTicks() {
    return rate == null ? lastStepTicks : ticks(1, rate);
  }

  long resyncs() {
    return resyncs;
  }

  /**
   * A decoding time on the grid, or as it is where there is no grid or it is off.
   *
   * @param ticks true to the wire
   */
  long decoding(long ticks) {
    estimator.add(ticks);
    return step(place(ticks));
  }

  /**
   * Follows another track of the same pictures: takes the time that it gave this one, and the phase
   * of its grid.
   *
   * @param ticks true to the wire
   * @param placed where the other track has put it
   */
  long meet(long ticks, long placed) {
    decoding(ticks);
    if (rate != null) {
      anchor(placed);
    }
    return step(placed);
  }

  private long step(long placed) {
    long step = placed - lastTicks;
    if (step > 0 && step <= Timescale.VIDEO.ticksPerSecond()) {
      lastStepTicks = step;
    }
    lastTicks = Math.max(lastTicks, placed);
    return placed;
  }

  /** A presentation time on the same grid, or as it is. */
  long presentation(long ticks) {
    if (rate == null || !anchored) {
      return ticks;
    }
    long onGrid = nearest(ticks, rate);
    long tolerance = Math.min(PRESENTATION_TOLERANCE_TICKS, ticks(1, rate) / 3);
    return Math.abs(ticks - onGrid) <= tolerance ? onGrid : ticks;
  }

  private long place(long ticks) {
    Rational snapTo = rate == null ? measured() : rate;
    if (snapTo == null) {
      return ticks;
    }
    if (!anchored) {
      anchor(ticks);
      return ticks;
    }
    long onGrid = nearest(ticks, snapTo);
    long off = Math.abs(ticks - onGrid);
    if (off <= Math.min(TOLERANCE_TICKS, ticks(1, snapTo) / 3)) {
      if (onGrid <= lastTicks) {
        return ticks; // a duplicate or a step back says nothing about the grid
      }
      lastWasOff = false;
      strikes = Math.max(0, strikes - 1);
      return onGrid;
    }
    missed(ticks, off, snapTo);
    return ticks;
  }

  private void missed(long ticks, long off, Rational current) {
    strikes += STRIKES_PER_MISS;
    if (strikes > STRIKES_OUT) {
      rate = null;
      anchored = false;
      estimator.restart();
      return;
    }
    if (off <= DRIFT_TICKS || lastWasOff) {
      resyncs++;
      anchor(ticks);
      Rational better = estimator.rate();
      if (better != null && slowerOrSibling(better, current)) {
        rate = better;
      }
    } else {
      lastWasOff = true;
    }
  }

  /** A faster rate that fits may be chance: every other slot of 60 is one of 30. */
  private static boolean slowerOrSibling(Rational better, Rational current) {
    return better.toDouble() < current.toDouble() || FrameRates.siblings(better, current);
  }

  /** Takes the rate that the estimator has found, with its grid. */
  private @Nullable Rational measured() {
    Rational found = estimator.rate();
    if (found != null) {
      rate = found;
      anchor(estimator.anchorTicks());
      strikes = 0;
    }
    return found;
  }

  private void anchor(long ticks) {
    anchorTicks = ticks;
    anchored = true;
    lastWasOff = false;
  }

  private long nearest(long ticks, Rational rate) {
    return anchorTicks + ticks(slot(ticks - anchorTicks, rate), rate);
  }
}
