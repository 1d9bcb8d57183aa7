package io.millrace.packager.dash;

import io.millrace.packager.window.Stretch;

/** Writes {@code S} elements: runs of equal durations without a hole share one (§5.3.9.6). */
final class TimelineText {
  /** A line break, and as deep as they are in a manifest. */
  private static final String INDENT = "\n            ";

  private final StringBuilder out = new StringBuilder();
  private long endTicks;
  private long runTicks;
  private int repeats;
  private boolean inRun;

  /**
   * @param endTicks where the segment before ends, in the track's timescale; {@link Long#MIN_VALUE}
   *     where there is none
   */
  TimelineText(long endTicks) {
    this.endTicks = endTicks;
  }

  void add(long startTicks, long segmentEndTicks) {
    long ticks = segmentEndTicks - startTicks;
    if (inRun && startTicks == endTicks && ticks == runTicks) {
      repeats++;
    } else {
      finishRun();
      out.append(INDENT).append("<S");
      if (startTicks != endTicks) {
        out.append(" t=\"").append(startTicks).append('"');
      }
      out.append(" d=\"").append(ticks).append('"');
      runTicks = ticks;
      inRun = true;
    }
    endTicks = segmentEndTicks;
  }

  /**
   * Segments in a row behind these.
   *
   * @param stretchEndTicks where the newest segment ends, theirs or what was before
   */
  void add(Stretch stretch, long stretchEndTicks) {
    long even = stretch.evenTicks();
    long startTicks = stretchEndTicks - even * Stretch.INTERVALS;
    if (even > 0 && inRun && even == runTicks && startTicks == endTicks) {
      repeats += Stretch.INTERVALS;
    } else {
      finishRun();
      out.append(stretch.text());
    }
    endTicks = stretchEndTicks;
  }

  private void finishRun() {
    if (inRun) {
      if (repeats > 0) {
        out.append(" r=\"").append(repeats).append('"');
      }
      out.append("/>");
    }
    inRun = false;
    repeats = 0;
  }

  @Override
  public String toString() {
    finishRun();
    return out.toString();
  }
}
