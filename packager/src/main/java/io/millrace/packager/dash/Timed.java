package io.millrace.packager.dash;

import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.OpenSegment;
import io.millrace.packager.window.WindowSnapshot;
import java.util.ArrayList;
import java.util.List;

/**
 * A segment as a timeline lists it; of one that is being made, the end is what is expected.
 *
 * @param startTicks in its track's timescale
 */
record Timed(long sequence, InitSegment init, long startTicks, long endTicks) {
  long durationTicks() {
    return endTicks - startTicks;
  }

  /**
   * What a window has media for, in order.
   *
   * @param whole all of it, and not just what manifests of a stream that goes on list
   */
  static List<Timed> of(WindowSnapshot window, boolean whole) {
    List<Timed> all = new ArrayList<>();
    window.forEach(
        whole ? window.first() : window.firstTimed(),
        entry -> {
          if (entry.interval() instanceof Segment segment) {
            all.add(
                new Timed(
                    segment.sequence(), segment.init(), segment.startTicks(), segment.endTicks()));
          }
        });
    OpenSegment open = window.open();
    if (open != null) {
      long start = open.opening().startTicks();
      all.add(
          new Timed(open.sequence(), open.opening().init(), start, start + open.expectedTicks()));
    }
    return all;
  }

  /** Those of sequence numbers in {@code [first, end)}; a view. */
  static List<Timed> between(List<Timed> all, long first, long end) {
    return all.subList(lowerBound(all, first), lowerBound(all, Math.max(first, end)));
  }

  private static int lowerBound(List<Timed> all, long sequence) {
    int low = 0;
    int high = all.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (all.get(middle).sequence < sequence) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
