package io.millrace.server.event;

import io.millrace.transport.LoopWaiters;
import io.millrace.transport.http.LiveContent;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The events of one listener, as the content of a reply ({@code text/event-stream}). It begins with
 * how long a client waits before it connects again, and with the id that it would resume from,
 * which dispatches nothing.
 */
public final class EventFeed implements LiveContent {
  private static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.UTF_8);
  private static final int RETRY_MS = 2_000;

  private final Events events;
  private final EventFilter filter;

  /** The last one that was sent or left out. */
  private long at;

  private long beats;
  private boolean begun;

  EventFeed(Events events, EventFilter filter, long at) {
    this.events = events;
    this.filter = filter;
    this.at = at;
    this.beats = events.beats();
  }

  @Override
  public void begin(Executor loop, LoopWaiters.Waiter reader) {
    events.joined();
    events.listeners().join(loop, reader);
  }

  @Override
  public void over() {
    events.left();
  }

  @Override
  public byte @Nullable [] next() {
    if (!begun) {
      begun = true;
      return ("retry: " + RETRY_MS + "\nid: " + events.idOf(at) + "\n\n")
          .getBytes(StandardCharsets.UTF_8);
    }
    long oldest = events.oldest();
    if (at < oldest - 1) {
      Event dropped = dropped(oldest - 1 - at, oldest - 1);
      at = oldest - 1;
      return dropped.toBytes();
    }
    for (Event event = events.find(at + 1); event != null; event = events.find(at + 1)) {
      at = event.number();
      if (filter.takes(event)) {
        return event.toBytes();
      }
    }
    long now = events.beats();
    if (now != beats && !events.isClosed()) {
      beats = now;
      return HEARTBEAT;
    }
    return null;
  }

  /** Told whatever was asked for: what was lost may have been of any type. */
  private Event dropped(long count, long last) {
    return new Event(
        last,
        events.idOf(last),
        events.clock().instant(),
        EventType.EVENTS_DROPPED,
        Level.WARN,
        null,
        "events are not kept any more, and missing here",
        Map.of("count", count));
  }

  @Override
  public boolean ended() {
    return begun && events.isClosed() && at >= events.newest();
  }
}
