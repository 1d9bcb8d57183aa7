package io.millrace.media;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The frame rates that cameras, broadcasters and encoders use, exactly. */
public final class FrameRates {
  /** Ascending. */
  public static final List<Rational> STANDARD =
      List.of(
          new Rational(10, 1),
          new Rational(12, 1),
          new Rational(25, 2),
          new Rational(15_000, 1001),
          new Rational(15, 1),
          new Rational(20, 1),
          new Rational(24_000, 1001),
          new Rational(24, 1),
          new Rational(25, 1),
          new Rational(30_000, 1001),
          new Rational(30, 1),
          new Rational(48_000, 1001),
          new Rational(48, 1),
          new Rational(50, 1),
          new Rational(60_000, 1001),
          new Rational(60, 1),
          new Rational(90, 1),
          new Rational(100, 1),
          new Rational(120_000, 1001),
          new Rational(120, 1),
          new Rational(144, 1));

  /** How far a written-out rate may be from the exact one that it means: 23.98 for 24000/1001. */
  private static final double WRITTEN_TOLERANCE = 0.000_3;

  private static final int MAXIMUM = 300;

  private FrameRates() {}

  /**
   * The rate that a decimal number means, as {@code framerate} in onMetaData gives it: the nearest
   * standard rate within 0.03 %, else the number to a thousandth.
   *
   * @return null for zero, negative, non-finite and absurd (over 300) numbers, all of which senders
   *     produce
   */
  public static @Nullable Rational fromDecimal(double framesPerSecond) {
    if (!(framesPerSecond >= 0.001 && framesPerSecond <= MAXIMUM)) {
      return null;
    }
    Rational nearest = nearestStandard(framesPerSecond);
    return Math.abs(nearest.toDouble() - framesPerSecond) <= WRITTEN_TOLERANCE * framesPerSecond
        ? nearest
        : new Rational((int) Math.round(framesPerSecond * 1000), 1000);
  }

  /**
   * The rate that a bitstream's timing information gives, in frames per second: {@code numerator ÷
   * denominator}, both up to 2³³.
   *
   * @return null where either is zero, and for rates over 300, which are an encoder's time base
   */
  public static @Nullable Rational ofTiming(long numerator, long denominator) {
    if (numerator <= 0 || denominator <= 0) {
      return null;
    }
    long divisor = gcd(numerator, denominator);
    long top = numerator / divisor;
    long bottom = denominator / divisor;
    return top > Integer.MAX_VALUE || bottom > Integer.MAX_VALUE || top > MAXIMUM * bottom
        ? null
        : new Rational((int) top, (int) bottom);
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** True when two rates differ by less than 0.5 %: 30 and 30000/1001, but not 24 and 25. */
  public static boolean siblings(Rational a, Rational b) {
    long left = (long) a.numerator() * b.denominator();
    long right = (long) b.numerator() * a.denominator();
    return Math.abs(left - right) < Math.max(left, right) / 200;
  }

  private static Rational nearestStandard(double framesPerSecond) {
    Rational best = STANDARD.getFirst();
    for (Rational rate : STANDARD) {
      if (Math.abs(rate.toDouble() - framesPerSecond)
          < Math.abs(best.toDouble() - framesPerSecond)) {
        best = rate;
      }
    }
    return best;
  }
}
