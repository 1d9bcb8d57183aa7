package io.millrace.packager.window;

/**
 * Measured bit rates of a rendition (RFC 8216bis §4.4.6.2); see {@link BitrateMeter}.
 *
 * @param peakBps largest of any run of segments that lasts 0.5 to 1.5 target durations
 * @param averageBps of all segments
 */
public record Bitrates(long peakBps, long averageBps) {
  public static final Bitrates NONE = new Bitrates(0, 0);

  static long bps(long bytes, long us) {
    return us <= 0 ? 0 : bytes * 8_000_000 / us;
  }

  /** True when either rate is more than a tenth away from {@code published}. */
  public boolean movedFrom(Bitrates published) {
    return moved(peakBps, published.peakBps) || moved(averageBps, published.averageBps);
  }

  private static boolean moved(long measured, long published) {
    return Math.abs(measured - published) > published / 10;
  }
}
