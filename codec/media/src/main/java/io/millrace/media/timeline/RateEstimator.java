package io.millrace.media.timeline;

import io.millrace.media.FrameRates;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the frame rate of decoding times that a sender rounded to its clock.
 *
 * <p>Rounding an exact grid, up, down or to nearest, leaves residuals that span less than one wire
 * tick. So each standard rate stays in the race while every time in the window lies within one wire
 * tick of the same grid, each in a slot of its own (a dropped frame leaves a slot empty, which is
 * fine). The slowest survivor is the rate, once its near siblings (30 beside 30000/1001) are out,
 * which takes one to two seconds. When none survives, the window starts over: a rate that drifts or
 * jitters is not a grid.
 */
final class RateEstimator {
  private static final int MINIMUM_FRAMES = 30;
  private static final int WINDOW_FRAMES = 256;

  private static final class Candidate {
    final Rational rate;
    boolean alive;
    long lowTicks;
    long highTicks;
    long slot;

    Candidate(Rational rate) {
      this.rate = rate;
    }
  }

  private final List<Candidate> candidates;
  private final long spanTicks;
  private long firstTicks;
  private int frames;

  /**
   * @param wireTicks VIDEO ticks in one tick of the wire
   */
  RateEstimator(long wireTicks) {
    candidates = FrameRates.STANDARD.stream().map(Candidate::new).toList();
    spanTicks = wireTicks + Timescale.VIDEO.ticksPerSecond() / 10_000;
  }

  /** Forgets every time seen so far. */
  void restart() {
    frames = 0;
  }

  /** Takes the next decoding time, in VIDEO ticks. */
  void add(long ticks) {
    if (frames == WINDOW_FRAMES) {
      restart();
    }
    if (frames == 0) {
      start(ticks);
      return;
    }
    frames++;
    boolean any = false;
    for (Candidate candidate : candidates) {
      if (candidate.alive) {
        judge(candidate, ticks - firstTicks);
        any |= candidate.alive;
      }
    }
    if (!any) {
      start(ticks);
    }
  }

  /** The rate, or null while it is open. */
  @Nullable Rational rate() {
    Candidate found = survivor();
    return found == null ? null : found.rate;
  }

  /** A point of the grid of {@link #rate()}, midway between the residuals' extremes. */
  long anchorTicks() {
    Candidate found = survivor();
    if (found == null) {
      throw new IllegalStateException("no rate yet");
    }
    return firstTicks + (found.lowTicks + found.highTicks) / 2;
  }

  private @Nullable Candidate survivor() {
    if (frames < MINIMUM_FRAMES) {
      return null;
    }
    Candidate slowest = null;
    for (Candidate candidate : candidates) {
      if (!candidate.alive) {
        continue;
      }
      if (slowest == null) {
        slowest = candidate;
      } else if (FrameRates.siblings(slowest.rate, candidate.rate)) {
        return null;
      }
    }
    return slowest;
  }

  private void start(long ticks) {
    firstTicks = ticks;
    frames = 1;
    for (Candidate candidate : candidates) {
      candidate.alive = true;
      candidate.lowTicks = 0;
      candidate.highTicks = 0;
      candidate.slot = 0;
    }
  }

  private void judge(Candidate candidate, long offsetTicks) {
    long slot = FrameGrid.slot(offsetTicks, candidate.rate);
    long residual = offsetTicks - FrameGrid.ticks(slot, candidate.rate);
    candidate.lowTicks = Math.min(candidate.lowTicks, residual);
    candidate.highTicks = Math.max(candidate.highTicks, residual);
    candidate.alive =
        slot > candidate.slot && candidate.highTicks - candidate.lowTicks <= spanTicks;
    candidate.slot = slot;
  }
}
