package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import java.util.List;

/**
 * A sealed media segment: parts in order, whose bytes one after another are the segment's.
 * Immutable and plain heap memory, so nobody counts references past this point.
 *
 * @param init the header that its samples need
 * @param startTicks {@code tfdt} of its first part
 * @param endTicks where its last sample ends
 * @param parts at least one; consecutive parts of audio may have a hole between them
 */
public record Segment(
    long sequence,
    boolean discontinuity,
    long boundaryTicks,
    InitSegment init,
    long startTicks,
    long endTicks,
    int sampleCount,
    List<Part> parts)
    implements Interval {
  public Segment {
    parts = List.copyOf(parts);
  }

  @Override
  public Timescale timescale() {
    return init.timescale();
  }

  public long sizeBytes() {
    long size = 0;
    for (Part part : parts) {
      size += part.bytes().length;
    }
    return size;
  }
}
