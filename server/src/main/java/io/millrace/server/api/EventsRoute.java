package io.millrace.server.api;

import io.millrace.server.event.EventFilter;
import io.millrace.server.event.Events;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.ReplyBody;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/v1/events}: what happens, as server-sent events (WHATWG HTML, §9.2), until the
 * client or the server ends.
 *
 * <p>{@code Last-Event-ID}, or {@code since} for clients that cannot set it, gets what came after
 * that event and is still kept; {@code last} so many of the newest; {@code type} and {@code stream}
 * only such events (see {@link EventFilter}).
 */
final class EventsRoute {
  private static final String TYPE = "text/event-stream";
  private static final int MAX_ID_CHARS = 64;
  private static final List<Header> FIELDS =
      List.of(
          new Header("content-type", TYPE),
          new Header("cache-control", "no-store"),
          // nginx passes events on at once (ngx_http_proxy_module, proxy_buffering).
          new Header("x-accel-buffering", "no"));

  private final Events events;

  EventsRoute(Events events) {
    this.events = events;
  }

  AdminRoute route() {
    return AdminRoute.of(
        "/api/v1/events", List.of("GET"), "api_events", (exchange, _) -> reply(exchange));
  }

  private HttpReply reply(HttpExchange exchange) {
    EventFilter filter;
    int last;
    try {
      filter = EventFilter.of(exchange.query().first("type"), exchange.query().first("stream"));
      last = last(exchange.query().first("last"));
    } catch (IllegalArgumentException e) {
      return Problem.reply(400, "Not a filter", String.valueOf(e.getMessage()));
    }
    if (exchange.method().equals("HEAD")) {
      return new HttpReply(200, FIELDS, ReplyBody.EMPTY);
    }
    // Those that begin at this moment are not counted yet, so that there may be a few more.
    if (events.listening() >= Events.MAX_LISTENERS) {
      return Problem.reply(
              503, "Too many listeners", "At most " + Events.MAX_LISTENERS + " may listen at once")
          .with("retry-after", "10");
    }
    String since = exchange.headers().get("last-event-id");
    String after = since == null ? exchange.query().first("since") : since;
    return new HttpReply(
        200, FIELDS, new ReplyBody.Live(events.feed(filter, bounded(after), last)));
  }

  /** What is longer was never an id of ours. */
  private static @Nullable String bounded(@Nullable String id) {
    return id != null && id.length() > MAX_ID_CHARS ? "" : id;
  }

  private static int last(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) > Events.KEPT) {
      throw new IllegalArgumentException("last is a number from 0 to " + Events.KEPT);
    }
    return Integer.parseInt(text);
  }
}
