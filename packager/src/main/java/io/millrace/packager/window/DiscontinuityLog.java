package io.millrace.packager.window;

import io.millrace.media.TrackEvent.Boundary;
import java.util.TreeMap;

/**
 * The stream's discontinuities, so that every rendition counts the same ones, also a rendition that
 * joined later or misses the segment that they are marked on (RFC 8216bis §6.2.4).
 *
 * <p>Owner's thread only. Bounded: the oldest are folded into a count.
 */
public final class DiscontinuityLog {
  private static final int MAX_KEPT = 1024;

  private final TreeMap<Long, Long> startTicks = new TreeMap<>();
  private long folded;
  private long newestSequence = -1;

  /** Takes note of a boundary; every rendition brings the same ones. */
  public void add(Boundary boundary) {
    if (boundary.sequence() <= newestSequence) {
      return;
    }
    newestSequence = boundary.sequence();
    if (boundary.discontinuity()) {
      startTicks.put(boundary.sequence(), boundary.startTicks());
      if (startTicks.size() > MAX_KEPT) {
        startTicks.pollFirstEntry();
        folded++;
      }
    }
  }

  /** Discontinuities at sequence numbers before {@code sequence}. */
  public long countBefore(long sequence) {
    return folded + startTicks.headMap(sequence).size();
  }
}
