package io.millrace.packager.window;

import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.util.ArrayDeque;

/**
 * Measures the bit rates of what a window lists (RFC 8216bis §4.4.6.2): the average over all of it,
 * and the peak of any run of segments that lasts 0.5 to 1.5 target durations. A run counts as long
 * as its last segment is listed.
 *
 * <p>What a segment costs depends on how many fit into 1.5 target durations, not on the window. Not
 * thread-safe.
 */
public final class BitrateMeter {
  /** A segment and the best rate of the runs that end with it. */
  private record Peak(long sequence, long bps) {}

  /** What the average is of. */
  private record Share(long sequence, long bytes, long us) {}

  /** Listed, for the average. */
  private final ArrayDeque<Share> listed = new ArrayDeque<>();

  /** The newest, without a gap between them, as many as a run may have. */
  private final ArrayDeque<Segment> run = new ArrayDeque<>();

  /** Rates that nothing newer exceeds: falling, so the first is the peak of all. */
  private final ArrayDeque<Peak> peaks = new ArrayDeque<>();

  private long bytes;
  private long us;

  /**
   * Takes the newest interval.
   *
   * @param firstSequence of what is listed
   * @param targetUs the playlist's target duration
   */
  public void add(Interval interval, long firstSequence, long targetUs) {
    switch (interval) {
      case Segment segment -> {
        listed.addLast(new Share(segment.sequence(), segment.sizeBytes(), segment.durationUs()));
        bytes += segment.sizeBytes();
        us += segment.durationUs();
        run.addLast(segment);
        long bps = bestRunBps(targetUs);
        while (!peaks.isEmpty() && peaks.getLast().bps <= bps) {
          peaks.removeLast();
        }
        peaks.addLast(new Peak(segment.sequence(), bps));
      }
      case Gap _ -> run.clear();
    }
    forgetBefore(firstSequence);
  }

  private long bestRunBps(long targetUs) {
    long best = 0;
    long runBytes = 0;
    long runUs = 0;
    int members = 0;
    for (var newestFirst = run.descendingIterator(); newestFirst.hasNext(); ) {
      Segment segment = newestFirst.next();
      runBytes += segment.sizeBytes();
      runUs += segment.durationUs();
      if (runUs > targetUs + targetUs / 2) {
        break;
      }
      members++;
      if (runUs >= targetUs / 2) {
        best = Math.max(best, Bitrates.bps(runBytes, runUs));
      }
    }
    while (run.size() > Math.max(1, members)) {
      run.removeFirst();
    }
    return best;
  }

  private void forgetBefore(long firstSequence) {
    while (!listed.isEmpty() && listed.getFirst().sequence() < firstSequence) {
      Share gone = listed.removeFirst();
      bytes -= gone.bytes;
      us -= gone.us;
    }
    while (!peaks.isEmpty() && peaks.getFirst().sequence < firstSequence) {
      peaks.removeFirst();
    }
  }

  /** {@link Bitrates#NONE} where there is no segment. */
  public Bitrates rates() {
    long averageBps = Bitrates.bps(bytes, us);
    long peakBps = peaks.isEmpty() ? 0 : peaks.getFirst().bps;
    return new Bitrates(Math.max(peakBps, averageBps), averageBps);
  }
}
