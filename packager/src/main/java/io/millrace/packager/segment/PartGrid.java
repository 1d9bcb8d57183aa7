package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Boundary;

/**
 * Where the parts of a segment end: at each multiple of the part duration behind the boundary, the
 * same instants in every rendition.
 *
 * @param boundaryTicks start of the segment in {@link Timescale#VIDEO}
 * @param partTicks duration of a part in {@link Timescale#VIDEO}; 0: the segment has no parts
 * @param timescale of the track, and of what the methods take and return
 */
public record PartGrid(long boundaryTicks, long partTicks, Timescale timescale) {
  public static PartGrid of(Boundary boundary, Timescale timescale) {
    return new PartGrid(boundary.startTicks(), boundary.partTicks(), timescale);
  }

  boolean exists() {
    return partTicks > 0;
  }

  /** The first line behind {@code ticks}; {@link Long#MAX_VALUE} without parts. */
  long lineAfter(long ticks) {
    if (!exists()) {
      return Long.MAX_VALUE;
    }
    long index = (timescale.rescale(ticks, Timescale.VIDEO) - boundaryTicks) / partTicks;
    // Rounding of another timescale may put the estimate one line off on either side.
    long next = Math.max(1, index - 1);
    while (line(next) <= ticks) {
      next++;
    }
    return line(next);
  }

  /**
   * The longest part of a track whose frames are {@code frameTicks} long each and stay whole: of
   * those that start between two lines there may be one more than fit.
   */
  public long longestTicks(long frameTicks) {
    long ticks = Timescale.VIDEO.rescale(partTicks, timescale);
    return (ticks + frameTicks - 1) / frameTicks * frameTicks;
  }

  private long line(long index) {
    return Timescale.VIDEO.rescale(boundaryTicks + index * partTicks, timescale);
  }
}
