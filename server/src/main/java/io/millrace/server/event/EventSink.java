package io.millrace.server.event;

import org.slf4j.Logger;

/** Takes what is told. Any thread; never blocks. */
@FunctionalInterface
public interface EventSink {
  /** Nobody listens; lines are written all the same. */
  EventSink NONE = _ -> {};

  /** Takes an event without a line in the log. */
  void accept(EventNote note);

  /** Writes the line and takes the event. */
  default void say(Logger log, EventNote note) {
    note.log(log);
    accept(note);
  }
}
