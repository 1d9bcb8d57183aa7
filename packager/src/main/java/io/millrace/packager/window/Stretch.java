package io.millrace.packager.window;

import io.millrace.packager.segment.Segment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive intervals of a window, with what manifests say of them, made once: a manifest of a
 * long window is put together from stretches, and only looks at the intervals at its ends.
 *
 * @param last where it ends, inclusive
 * @param newest the newest one with media; null where all are gaps
 * @param evenTicks what each of them lasts, in the track's timescale, where they all have media,
 *     last as long as one another and follow without a hole; otherwise 0
 * @param text what a manifest has for it behind other segments of the window
 */
public record Stretch(Entry last, @Nullable Segment newest, long evenTicks, String text) {
  /** Intervals in each. */
  public static final int INTERVALS = 64;

  static Stretch of(Entry last, List<Segment> segments, String text) {
    Segment newest = segments.isEmpty() ? null : segments.getLast();
    return new Stretch(last, newest, evenTicks(segments), text);
  }

  private static long evenTicks(List<Segment> segments) {
    if (segments.size() < INTERVALS) {
      return 0;
    }
    long ticks = segments.getFirst().endTicks() - segments.getFirst().startTicks();
    long at = segments.getFirst().startTicks();
    for (Segment segment : segments) {
      if (segment.startTicks() != at || segment.endTicks() != at + ticks) {
        return 0;
      }
      at += ticks;
    }
    return ticks;
  }

  /** Says what manifests have for segments in a row. Owner's thread. */
  public interface Writer {
    /** For windows that no manifest lists. */
    Writer NONE = (_, _) -> "";

    /**
     * @param segments in order; none for a stretch of gaps
     * @param endTicks where the segment before ends, in the track's timescale
     */
    String text(List<Segment> segments, long endTicks);
  }
}
