package io.millrace.transport.http;

import io.netty.channel.EventLoop;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What every connection of a server shares. */
record ServerCore(
    HttpLimits limits,
    HttpHandler handler,
    HttpStats stats,
    Sweeper sweeper,
    LongSupplier clockNs,
    InstantSource wallClock) {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /** Has the handler answer; what it throws becomes 500. */
  void dispatch(Exchange exchange) {
    try {
      handler.handle(exchange);
    } catch (RuntimeException e) {
      LOG.atError()
          .setCause(e)
          .addKeyValue("method", exchange.method())
          .addKeyValue("route", exchange.route())
          .log("request handler failed");
      exchange.respond(
          Problem.reply(500, "Internal error", "The request met a defect in the server"));
    }
  }

  void done(Exchange exchange, int status, long bodyBytes, boolean complete) {
    stats.exchangeDone(
        exchange.route(),
        exchange.protocol(),
        status,
        bodyBytes,
        complete,
        clockNs.getAsLong() - exchange.startNs);
  }

  /** {@code Date} of now, to the second. */
  String date() {
    return HttpDate.now(wallClock.millis());
  }

  void opened(EventLoop loop, HttpConnection connection) {
    sweeper.add(loop, connection);
  }

  void closed(EventLoop loop, HttpConnection connection) {
    sweeper.remove(loop, connection);
  }
}
