package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import java.util.ArrayList;
import java.util.List;

/**
 * An interval in which the rendition has no usable media; its sequence number is used up.
 *
 * @param parts of a segment that had been announced before it was given up, up to the interval's
 *     end: those that were made, then {@link Part#missing} ones; empty where nothing was announced
 */
public record Gap(
    long sequence,
    boolean discontinuity,
    long boundaryTicks,
    Timescale timescale,
    long startTicks,
    long endTicks,
    List<Part> parts)
    implements Interval {
  /** Of an interval whose boundary does not come for minutes the rest is not told part by part. */
  private static final int MAX_MISSING = 100;

  public Gap {
    parts = List.copyOf(parts);
  }

  /** Nothing of it was announced. */
  public Gap(
      long sequence,
      boolean discontinuity,
      long boundaryTicks,
      Timescale timescale,
      long startTicks,
      long endTicks) {
    this(sequence, discontinuity, boundaryTicks, timescale, startTicks, endTicks, List.of());
  }

  /** The same without what was announced. */
  public Gap withoutMedia() {
    return new Gap(sequence, discontinuity, boundaryTicks, timescale, startTicks, endTicks);
  }

  /**
   * The same, of which parts have been announced.
   *
   * @param made at least one
   * @param grid where parts end
   */
  public Gap announced(List<Part> made, PartGrid grid) {
    List<Part> all = new ArrayList<>(made);
    long from = made.getLast().endTicks();
    for (int count = 0; from < endTicks && count < MAX_MISSING; count++) {
      long to = Math.min(endTicks, grid.lineAfter(from));
      all.add(Part.missing(from, to));
      from = to;
    }
    return new Gap(sequence, discontinuity, boundaryTicks, timescale, startTicks, endTicks, all);
  }
}
