package io.millrace.packager.dash;

import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.Entry;
import io.millrace.packager.window.OpenSegment;
import io.millrace.packager.window.Stretch;
import io.millrace.packager.window.WindowSnapshot;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segment timeline of a representation in a period (ISO/IEC 23009-1 §5.3.9.6). Of a segment
 * that is being made, the end is what is expected.
 *
 * @param elements {@code S} elements, each behind a line break
 * @param init of the newest segment
 * @param newestTicks how long that is, in the track's timescale
 */
public record Timeline(String elements, InitSegment init, long newestTicks) {
  /** What timelines have for segments in the middle of a window. */
  public static String stretch(List<Segment> segments, long endTicks) {
    TimelineText text = new TimelineText(endTicks);
    segments.forEach(segment -> text.add(segment.startTicks(), segment.endTicks()));
    return text.toString();
  }

  /**
   * What a window has media for. It looks at a number of intervals that does not depend on how many
   * there are, and copies what stretches say of the others.
   *
   * @param whole all of it, and not just what manifests of a stream that goes on list
   * @param first sequence number of the period's first interval
   * @param end the one behind its last
   * @return null where there is nothing
   */
  static @Nullable Timeline of(WindowSnapshot window, boolean whole, long first, long end) {
    TimelineText text = new TimelineText(Long.MIN_VALUE);
    Segment newest = null;
    Entry next = whole ? window.first() : window.firstTimed();
    while (next != null && next.sequence() < end) {
      Stretch stretch = next.stretch();
      Entry last = next;
      if (stretch != null && stretch.last().sequence() < first) {
        last = stretch.last();
      } else if (stretch != null && newest != null && isWithin(stretch, window, end)) {
        last = stretch.last();
        newest = stretch.newest() == null ? newest : stretch.newest();
        text.add(stretch, newest.endTicks());
      } else if (next.sequence() >= first && next.interval() instanceof Segment segment) {
        newest = segment;
        text.add(segment.startTicks(), segment.endTicks());
      }
      next = window.after(last);
    }
    OpenSegment open = window.open();
    if (open != null && open.sequence() >= first && open.sequence() < end) {
      long start = open.opening().startTicks();
      text.add(start, start + open.expectedTicks());
      return new Timeline(text.toString(), open.opening().init(), open.expectedTicks());
    }
    return newest == null
        ? null
        : new Timeline(text.toString(), newest.init(), newest.endTicks() - newest.startTicks());
  }

  /** Readers of an older snapshot may see a stretch that ends behind it. */
  private static boolean isWithin(Stretch stretch, WindowSnapshot window, long end) {
    return stretch.last().sequence() <= Math.min(window.lastSequence(), end - 1);
  }
}
