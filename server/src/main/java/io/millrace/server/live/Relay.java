package io.millrace.server.live;

import io.millrace.codec.ladder.LadderEngine;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One rendition that is made by one source after another: a rung that leaves the ladder delivers
 * what it has for a while yet, when the next one may have begun.
 *
 * <p>A source that is through says {@link LadderEngine#LEFT}, which the rendition does not get.
 * What the next one gives is held until then, up to {@value #MAX_HELD_BYTES} bytes; a source that
 * is late by more is cut off. Confined to the stream's event loop.
 */
final class Relay {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
  private static final long MAX_HELD_BYTES = 16L << 20;

  /** What an event without media counts for. */
  private static final long EVENT_BYTES = 256;

  private final TrackSink rendition;
  private final Runnable whenLeft;

  /** The first one is heard. */
  private final Deque<Turn> turns = new ArrayDeque<>();

  /**
   * @param rendition takes what comes
   * @param whenLeft the last source has left
   */
  Relay(TrackSink rendition, Runnable whenLeft) {
    this.rendition = rendition;
    this.whenLeft = whenLeft;
  }

  /** The sink of the next source. */
  TrackSink next() {
    Turn turn = new Turn();
    turns.addLast(turn);
    return turn;
  }

  /** The source that is heard has failed; false where there is no other. */
  boolean failed() {
    if (turns.size() < 2) {
      return false;
    }
    turns.removeFirst();
    hear(turns.getFirst());
    return true;
  }

  private void hear(Turn turn) {
    for (TrackEvent event = turn.held.pollFirst(); event != null; event = turn.held.pollFirst()) {
      if (turns.peekFirst() == turn) {
        turn.accept(event);
      } else {
        event.release();
      }
    }
  }

  /** Releases what is held. */
  void close() {
    turns.forEach(turn -> turn.held.forEach(TrackEvent::release));
    turns.clear();
  }

  private final class Turn implements TrackSink {
    private final Deque<TrackEvent> held = new ArrayDeque<>();
    private long heldBytes;

    @Override
    public void accept(TrackEvent event) {
      if (turns.peekFirst() == this) {
        if (event == LadderEngine.LEFT) {
          leave();
        } else {
          rendition.accept(event);
        }
      } else if (turns.contains(this)) {
        hold(event);
      } else {
        event.release(); // it was cut off
      }
    }

    private void leave() {
      turns.removeFirst();
      Turn next = turns.peekFirst();
      if (next == null) {
        whenLeft.run();
      } else {
        hear(next);
      }
    }

    private void hold(TrackEvent event) {
      held.addLast(event);
      heldBytes += EVENT_BYTES + (event instanceof Sample sample ? sample.sizeBytes() : 0);
      if (heldBytes > MAX_HELD_BYTES) {
        LOG.atWarn().log("a rung that has left the ladder does not end, and is cut off");
        while (turns.peekFirst() != this) {
          turns.removeFirst().held.forEach(TrackEvent::release);
        }
        hear(this);
      }
    }
  }
}
