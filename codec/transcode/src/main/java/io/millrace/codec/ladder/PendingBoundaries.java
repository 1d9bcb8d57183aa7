package io.millrace.codec.ladder;

import io.millrace.media.TrackEvent;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Boundaries that no decoded picture has reached yet. Confined to the decoding thread.
 *
 * <p>The first picture at or after a boundary's start gets the boundary, and its start as time: a
 * segment begins on the same tick in every rendition even when the decoder could not give the
 * picture that belongs there. Boundaries that are passed over have no picture.
 */
final class PendingBoundaries {
  /** More than decoders delay; beyond it nothing is being decoded. */
  private static final int MAX_PENDING = 16;

  private final ArrayDeque<TrackEvent.Boundary> pending = new ArrayDeque<>();
  private final Consumer<TrackEvent.Boundary> empty;

  /**
   * @param empty told of each segment without a picture, in order
   */
  PendingBoundaries(Consumer<TrackEvent.Boundary> empty) {
    this.empty = empty;
  }

  void add(TrackEvent.Boundary boundary) {
    if (pending.size() == MAX_PENDING) {
      empty.accept(pending.removeFirst());
    }
    pending.addLast(boundary);
  }

  /** The boundary that a picture at {@code ptsTicks} starts, or null. */
  TrackEvent.@Nullable Boundary reach(long ptsTicks) {
    TrackEvent.Boundary reached = null;
    while (!pending.isEmpty() && pending.getFirst().startTicks() <= ptsTicks) {
      if (reached != null) {
        empty.accept(reached);
      }
      reached = pending.removeFirst();
    }
    return reached;
  }

  /** No more pictures come for any of them. */
  void giveUp() {
    for (TrackEvent.Boundary left = pending.pollFirst(); left != null; left = pending.pollFirst()) {
      empty.accept(left);
    }
  }
}
