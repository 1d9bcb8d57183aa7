package io.millrace.packager.window;

import io.millrace.media.TrackEvent.Boundary;
import java.util.Map;
import java.util.TreeMap;

/**
 * The stream's discontinuities, so that every rendition counts the same ones, also a rendition that
 * joined later or misses the segment that they are marked on (RFC 8216bis §6.2.4).
 *
 * <p>Owner's thread only. Bounded: the oldest are folded into a count.
 */
public final class DiscontinuityLog {
  private static final int MAX_KEPT = 1024;

  /** How many there were up to each, itself included. */
  private final TreeMap<Long, Long> counts = new TreeMap<>();

  private long folded;
  private long total;
  private long newestSequence = -1;

  /** Goes on where an earlier presentation of the stream has ended: with so many. */
  public void startWith(long count) {
    folded = Math.max(folded, count);
    total = Math.max(total, count);
  }

  /** Takes note of a boundary; every rendition brings the same ones. */
  public void add(Boundary boundary) {
    add(boundary.sequence(), boundary.discontinuity());
  }

  /** Takes note of an interval, in the order of their numbers. */
  public void add(long sequence, boolean discontinuity) {
    if (sequence <= newestSequence) {
      return;
    }
    newestSequence = sequence;
    if (discontinuity) {
      counts.put(sequence, ++total);
      if (counts.size() > MAX_KEPT) {
        counts.pollFirstEntry();
        folded++;
      }
    }
  }

  /** Discontinuities at sequence numbers before {@code sequence}. */
  public long countBefore(long sequence) {
    Map.Entry<Long, Long> before = counts.lowerEntry(sequence);
    return before == null ? folded : before.getValue();
  }
}
