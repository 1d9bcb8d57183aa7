package io.millrace.codec.ladder;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import org.jspecify.annotations.Nullable;

/**
 * Leaves pictures out so that a rung stays within its maximum frame rate, with even motion: where
 * the source's rate is known it is divided by a whole number (59.94 → 29.97, 50 → 25 for a maximum
 * of 30); where it is not, pictures are kept on the grid of the maximum.
 *
 * <p>One per rung; confined to the decoding thread.
 */
final class FrameRateLimit {
  /** A source within 1 % above the maximum counts as the maximum: 30 against 29.97. */
  private static final double TOLERANCE = 0.01;

  private final long intervalTicks;
  private final long slackTicks;
  private long dueTicks = Long.MIN_VALUE;

  private FrameRateLimit(long intervalTicks, long slackTicks) {
    this.intervalTicks = intervalTicks;
    this.slackTicks = slackTicks;
  }

  /** The limiter for a rung, or null when nothing is ever left out. */
  static @Nullable FrameRateLimit of(@Nullable Rational source, @Nullable Rational maximum) {
    if (maximum == null) {
      return null;
    }
    if (source == null) {
      long interval = ticksPerFrame(maximum, 1);
      return new FrameRateLimit(interval, interval / 4);
    }
    int divisor = divisor(source, maximum);
    return divisor == 1
        ? null
        : new FrameRateLimit(ticksPerFrame(source, divisor), ticksPerFrame(source, 1) / 2);
  }

  /** The nominal rate that comes out; null when the source's is unknown. */
  static @Nullable Rational effectiveRate(@Nullable Rational source, @Nullable Rational maximum) {
    if (source == null || maximum == null) {
      return source;
    }
    int divisor = divisor(source, maximum);
    return divisor == 1
        ? source
        : new Rational(source.numerator(), Math.multiplyExact(source.denominator(), divisor));
  }

  /**
   * Decides about the next picture.
   *
   * @param always true for a picture that must be kept, at a boundary; the grid restarts there
   */
  boolean keep(long ptsTicks, boolean always) {
    if (always || dueTicks == Long.MIN_VALUE) {
      dueTicks = ptsTicks + intervalTicks;
      return true;
    }
    if (ptsTicks < dueTicks - slackTicks) {
      return false;
    }
    dueTicks = Math.max(dueTicks, ptsTicks - slackTicks) + intervalTicks;
    return true;
  }

  /** Ticks between two pictures that are kept. */
  long intervalTicks() {
    return intervalTicks;
  }

  private static int divisor(Rational source, Rational maximum) {
    double ratio = source.toDouble() / maximum.toDouble();
    return (int) Math.max(1, Math.ceil(ratio - TOLERANCE));
  }

  private static long ticksPerFrame(Rational rate, int frames) {
    return Timescale.scale(
        Timescale.VIDEO.ticksPerSecond(),
        Math.multiplyExact((long) rate.denominator(), frames),
        rate.numerator());
  }
}
