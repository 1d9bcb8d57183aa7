package io.millrace.codec.ladder;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;

/**
 * A rung's sink until it is shut: afterwards nothing passes, whatever a late encoder still
 * delivers. Thread-safe, so that a rung whose thread is stuck in native code can be ended by
 * another.
 */
final class EndingSink implements TrackSink {
  private final TrackSink sink;
  private boolean shut;

  EndingSink(TrackSink sink) {
    this.sink = sink;
  }

  @Override
  public synchronized void accept(TrackEvent event) {
    if (shut) {
      event.release();
    } else {
      sink.accept(event);
    }
  }

  /** Lets nothing more through. */
  synchronized void shut() {
    shut = true;
  }

  /** Sends a last End, once, and lets nothing more through. */
  synchronized void end(String reason) {
    if (!shut) {
      shut = true;
      sink.accept(new TrackEvent.End(reason));
    }
  }
}
