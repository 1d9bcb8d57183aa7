package io.millrace.server.edge;

import io.millrace.server.edge.EdgeStats.Result;
import io.millrace.transport.LoopWaiters;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import org.jspecify.annotations.Nullable;

/** A viewer who waits for a flight. Confined to its connection's event loop. */
final class Joined extends LoopWaiters.Waiter {
  private final EdgeCache cache;
  private final HttpExchange exchange;
  private final Flight flight;
  private final Result result;
  private boolean done;

  Joined(EdgeCache cache, HttpExchange exchange, Flight flight, Result result) {
    this.cache = cache;
    this.exchange = exchange;
    this.flight = flight;
    this.result = result;
  }

  /** Waits, unless there is an answer already. The flight has counted it in. */
  void begin() {
    flight.waiters.join(exchange.executor(), this);
    exchange.onCancel(this::gone);
    woken();
  }

  private void gone() {
    if (!done) {
      finish();
    }
  }

  private void finish() {
    done = true;
    leave();
    flight.leave();
    cache.left();
  }

  @Override
  protected void woken() {
    if (done) {
      return;
    }
    switch (flight.state()) {
      case Flight.State.Waiting _ -> {}
      case Flight.State.Arriving arriving -> {
        HttpReply reply = early(arriving);
        if (reply != null) {
          end(reply, result);
        }
      }
      case Flight.State.Done(Stored stored, boolean stale) ->
          end(
              stale ? stored.stale(exchange) : stored.reply(exchange, cache.nowNs()),
              stale ? Result.STALE : result);
      case Flight.State.Failed(HttpReply reply) -> end(reply, Result.ERROR);
      case Flight.State.TooEarly _ -> {
        if (exchange.early()) {
          end(
              Problem.reply(425, "Too early", "To be sent again after the handshake"),
              Result.ERROR);
        } else {
          finish();
          cache.handle(exchange, flight.key);
        }
      }
    }
  }

  /**
   * The answer before all of it is there. One who asks for a range of content whose length is
   * known, and that is not there yet, is answered out of the whole, soon.
   */
  private @Nullable HttpReply early(Flight.State.Arriving arriving) {
    String contentType = arriving.head().field("content-type");
    HttpReply reply =
        new Representation(
                contentType == null ? "application/octet-stream" : contentType,
                new ReplyBody.Growing(arriving.content(), arriving.lengthBytes()),
                arriving.head().field("etag"),
                null,
                Stored.fields(arriving.head()),
                "bytes".equals(arriving.head().field("accept-ranges")))
            .reply(exchange.method(), exchange.headers());
    boolean ranged = exchange.headers().has("range") && exchange.method().equals("GET");
    boolean waits = ranged && arriving.lengthBytes() != ReplyBody.UNKNOWN;
    return waits && reply.status() == 200 ? null : reply;
  }

  private void end(HttpReply reply, Result how) {
    finish();
    if (exchange.respond(reply)) {
      cache.stats().answered(how == Result.MISS && flight.isFromDisk() ? Result.DISK : how);
    }
  }
}
