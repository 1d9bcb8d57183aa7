package io.millrace.packager.window;

import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.util.List;

/**
 * Measured bit rates of a rendition (RFC 8216bis §4.4.6.2).
 *
 * @param peakBps largest of any run of segments that lasts 0.5 to 1.5 target durations
 * @param averageBps of all segments
 */
public record Bitrates(long peakBps, long averageBps) {
  public static final Bitrates NONE = new Bitrates(0, 0);

  /**
   * Measures, in time linear in the intervals for segments near the target duration.
   *
   * @param targetUs the playlist's target duration
   * @return {@link #NONE} where there is no segment
   */
  public static Bitrates measure(List<Interval> intervals, long targetUs) {
    long peakBps = 0;
    long totalBytes = 0;
    long totalUs = 0;
    for (int i = 0; i < intervals.size(); i++) {
      if (intervals.get(i) instanceof Segment segment) {
        totalBytes += segment.sizeBytes();
        totalUs += segment.durationUs();
        peakBps = Math.max(peakBps, peakFrom(intervals, i, targetUs));
      }
    }
    long averageBps = bps(totalBytes, totalUs);
    return new Bitrates(Math.max(peakBps, averageBps), averageBps);
  }

  private static long peakFrom(List<Interval> intervals, int first, long targetUs) {
    long peakBps = 0;
    long bytes = 0;
    long us = 0;
    for (int i = first; i < intervals.size(); i++) {
      if (!(intervals.get(i) instanceof Segment segment)) {
        return peakBps;
      }
      bytes += segment.sizeBytes();
      us += segment.durationUs();
      if (us > targetUs + targetUs / 2) {
        return peakBps;
      }
      if (us >= targetUs / 2) {
        peakBps = Math.max(peakBps, bps(bytes, us));
      }
    }
    return peakBps;
  }

  private static long bps(long bytes, long us) {
    return us <= 0 ? 0 : bytes * 8_000_000 / us;
  }

  /** True when either rate is more than a tenth away from {@code published}. */
  public boolean movedFrom(Bitrates published) {
    return moved(peakBps, published.peakBps) || moved(averageBps, published.averageBps);
  }

  private static boolean moved(long measured, long published) {
    return Math.abs(measured - published) > published / 10;
  }
}
