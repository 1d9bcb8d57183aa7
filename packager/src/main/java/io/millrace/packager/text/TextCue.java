package io.millrace.packager.text;

import static java.util.Objects.requireNonNull;

import io.millrace.media.Timescale;

/**
 * Text that is shown for a while (W3C WebVTT §3.1). Immutable.
 *
 * @param id unique in its track; one line without {@code -->}
 * @param startTicks in {@link Timescale#VIDEO} ticks since the stream's epoch
 * @param endTicks exclusive, behind {@code startTicks}
 * @param open true when what follows decides how long it is shown: {@code endTicks} is the latest
 *     that it may be, and until then it is written piece by piece
 * @param settings where it is shown (§4.4), in the form of WebVTT; empty: where players do by
 *     themselves
 * @param text in the form of WebVTT: markup, escapes, lines, none of them blank
 */
public record TextCue(
    String id, long startTicks, long endTicks, boolean open, String settings, String text) {

  /** How long text is shown at most that nobody has given an end. */
  static final long MAX_OPEN_TICKS = 8L * Timescale.VIDEO.ticksPerSecond();

  /**
   * @throws IllegalArgumentException for what a file cannot hold
   */
  public TextCue {
    requireNonNull(text);
    if (startTicks < 0 || endTicks <= startTicks) {
      throw new IllegalArgumentException("a cue from " + startTicks + " to " + endTicks);
    }
    if (!isLine(id) || !isLine(settings) || !isText(text)) {
      throw new IllegalArgumentException("not a cue's text: " + id);
    }
  }

  /** Text that is shown until something else is said, or for 8 s. */
  public static TextCue open(String id, long startTicks, String text) {
    return new TextCue(id, startTicks, startTicks + MAX_OPEN_TICKS, true, "", text);
  }

  public static long ticks(long ms) {
    return Timescale.MILLIS.rescale(ms, Timescale.VIDEO);
  }

  private static boolean isLine(String line) {
    return line.indexOf('\n') < 0 && line.indexOf('\r') < 0 && !line.contains("-->");
  }

  private static boolean isText(String lines) {
    return !lines.isBlank()
        && lines.indexOf('\r') < 0
        && !lines.contains("-->")
        && !("\n" + lines + "\n").contains("\n\n");
  }

  boolean overlaps(long fromTicks, long toTicks) {
    return startTicks < toTicks && endTicks > fromTicks;
  }

  /** The same, with its end known. */
  TextCue endedAt(long ticks) {
    return new TextCue(id, startTicks, Math.min(ticks, endTicks), open, settings, text);
  }
}
