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
 * @param sizeBytes of all parts together
 * @param parts consecutive parts of audio may have a hole between them; none where the media is not
 *     in memory any more
 */
public record Segment(
    long sequence,
    boolean discontinuity,
    long boundaryTicks,
    InitSegment init,
    long startTicks,
    long endTicks,
    int sampleCount,
    long sizeBytes,
    List<Part> parts)
    implements Interval {
  public Segment {
    parts = List.copyOf(parts);
  }

  /** As large as its parts are. */
  public Segment(
      long sequence,
      boolean discontinuity,
      long boundaryTicks,
      InitSegment init,
      long startTicks,
      long endTicks,
      int sampleCount,
      List<Part> parts) {
    this(
        sequence,
        discontinuity,
        boundaryTicks,
        init,
        startTicks,
        endTicks,
        sampleCount,
        sizeBytes(parts),
        parts);
  }

  /** The same without its bytes. */
  public Segment withoutMedia() {
    return new Segment(
        sequence,
        discontinuity,
        boundaryTicks,
        init,
        startTicks,
        endTicks,
        sampleCount,
        sizeBytes,
        List.of());
  }

  @Override
  public Timescale timescale() {
    return init.timescale();
  }

  private static long sizeBytes(List<Part> parts) {
    long size = 0;
    for (Part part : parts) {
      size += part.bytes().length;
    }
    return size;
  }
}
