package io.millrace.packager.dvr;

import io.millrace.media.Timescale;

/**
 * An interval on disk: everything that a playlist says of it, and where its bytes are. Immutable.
 *
 * @param sequence media sequence number
 * @param discontinuity true where format or clock changed at its start
 * @param discontinuitiesBefore of the stream, before this interval: its {@code
 *     EXT-X-DISCONTINUITY-SEQUENCE} when it is the first one listed
 * @param boundaryTicks its start by its boundary, in {@link Timescale#VIDEO} ticks
 * @param timescale of start and end
 * @param initNumber of its init segment; {@link #GAP} for an interval without media
 * @param sampleCount 0 for a gap
 * @param position of its bytes in the data file
 * @param sizeBytes 0 for a gap
 */
public record StoredInterval(
    long sequence,
    boolean discontinuity,
    long discontinuitiesBefore,
    long boundaryTicks,
    Timescale timescale,
    long startTicks,
    long endTicks,
    int initNumber,
    int sampleCount,
    long position,
    int sizeBytes) {
  static final int GAP = -1;

  public boolean isGap() {
    return initNumber == GAP;
  }

  public long startUs() {
    return timescale.rescale(startTicks, Timescale.MICROS);
  }

  public long endUs() {
    return timescale.rescale(endTicks, Timescale.MICROS);
  }

  /** Of the rounded ends, so that durations one after another never drift. */
  public long durationUs() {
    return endUs() - startUs();
  }
}
