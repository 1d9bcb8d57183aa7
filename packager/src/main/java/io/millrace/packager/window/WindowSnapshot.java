package io.millrace.packager.window;

import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a playlist lists, at one moment. Immutable.
 *
 * @param listed in order; sequence numbers grow by one
 */
public record WindowSnapshot(List<Interval> listed) {
  static final WindowSnapshot EMPTY = new WindowSnapshot(List.of());

  public WindowSnapshot {
    listed = List.copyOf(listed);
  }

  public boolean isEmpty() {
    return listed.isEmpty();
  }

  /** Sequence number of the first interval listed; -1 when there is none. */
  public long firstSequence() {
    return listed.isEmpty() ? -1 : listed.getFirst().sequence();
  }

  /** Sequence number of the last interval listed; -1 when there is none. */
  public long lastSequence() {
    return listed.isEmpty() ? -1 : listed.getLast().sequence();
  }

  /** The newest interval that has media; null when none has. */
  public @Nullable Segment newestSegment() {
    for (Interval interval : listed.reversed()) {
      if (interval instanceof Segment segment) {
        return segment;
      }
    }
    return null;
  }
}
