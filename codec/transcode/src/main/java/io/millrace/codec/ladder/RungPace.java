package io.millrace.codec.ladder;

/**
 * How a rung is encoded so that it takes less: with a faster preset than its own, and with every
 * second picture left out. Either changes where a segment begins, and the track's format stays what
 * it is; so half the pictures get about half the bits.
 *
 * @param faster presets that its own is above, 0 to 8; as many of them as the track's format allows
 */
public record RungPace(int faster, boolean halfRate) {
  /** Most presets above a rung's own. */
  public static final int MOST_FASTER = 8;

  /** As it is configured. */
  public static final RungPace FULL = new RungPace(0, false);

  public RungPace {
    if (faster < 0 || faster > MOST_FASTER) {
      throw new IllegalArgumentException("presets faster: " + faster);
    }
  }

  /** What two who want less of a rung get. */
  public RungPace and(RungPace other) {
    return new RungPace(Math.max(faster, other.faster), halfRate || other.halfRate);
  }
}
