package io.millrace.media;

/**
 * Ticks per second, and the only place where time is converted (ISO/IEC 14496-12 §8.4.2: a media
 * timescale).
 *
 * <p>{@link #VIDEO} is 360 000: it counts every broadcast frame duration (24000/1001 … 144 fps), a
 * millisecond of RTMP and a tick of MPEG-TS's 90 kHz without a remainder, so one constant serves
 * every video track and no rung ever needs another.
 */
public record Timescale(int ticksPerSecond) {
  /** 360 000 ticks a second, for every video track. */
  public static final Timescale VIDEO = new Timescale(360_000);

  public static final Timescale MILLIS = new Timescale(1_000);
  public static final Timescale MICROS = new Timescale(1_000_000);

  public Timescale {
    if (ticksPerSecond <= 0) {
      throw new IllegalArgumentException("timescale must be positive: " + ticksPerSecond);
    }
  }

  /**
   * Converts a time or duration to another timescale, rounding half away from zero.
   *
   * @param ticks in this timescale, may be negative
   * @throws ArithmeticException if the result does not fit in 64 bits
   */
  public long rescale(long ticks, Timescale to) {
    if (to.ticksPerSecond == ticksPerSecond) {
      return ticks;
    }
    return scale(ticks, to.ticksPerSecond, ticksPerSecond);
  }

  /**
   * {@code value × numerator ÷ denominator}, rounded half away from zero, without intermediate
   * overflow.
   */
  public static long scale(long value, long numerator, long denominator) {
    long high = Math.multiplyHigh(value, numerator);
    long low = value * numerator;
    if ((high == 0 && low >= 0) || (high == -1 && low < 0)) {
      long quotient = low / denominator;
      long remainder = Math.abs(low % denominator);
      return remainder >= denominator - remainder ? quotient + (low < 0 ? -1 : 1) : quotient;
    }
    long whole = Math.multiplyExact(value / denominator, numerator);
    return Math.addExact(whole, scale(value % denominator, numerator, denominator));
  }
}
