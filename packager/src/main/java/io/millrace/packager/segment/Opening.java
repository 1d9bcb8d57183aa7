package io.millrace.packager.segment;

import io.millrace.media.TrackEvent.Boundary;

/**
 * A segment that has its first sample.
 *
 * @param startTicks where it will start, in its track's timescale
 */
public record Opening(Boundary boundary, InitSegment init, long startTicks) {
  public long sequence() {
    return boundary.sequence();
  }
}
