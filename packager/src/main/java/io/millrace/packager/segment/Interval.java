package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import java.util.List;

/** What became of the interval between two boundaries in one rendition. Immutable. */
public sealed interface Interval permits Segment, Gap {
  /** Media sequence number, the same in every rendition. */
  long sequence();

  /** True where the format or the clock of the stream changed at the interval's start. */
  boolean discontinuity();

  /** Start of the interval in {@link Timescale#VIDEO} ticks, by its boundary. */
  long boundaryTicks();

  /** Of the track, for start and end. */
  Timescale timescale();

  long startTicks();

  long endTicks();

  /** In order; none, or as far as playlists tell of them. */
  List<Part> parts();

  default long startUs() {
    return timescale().rescale(startTicks(), Timescale.MICROS);
  }

  default long endUs() {
    return timescale().rescale(endTicks(), Timescale.MICROS);
  }

  /** Of the rounded ends, so that durations one after another never drift. */
  default long durationUs() {
    return endUs() - startUs();
  }
}
