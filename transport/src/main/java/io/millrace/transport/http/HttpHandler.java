package io.millrace.transport.http;

/** Answers requests. */
@FunctionalInterface
public interface HttpHandler {
  /**
   * Takes one complete request. Called on the connection's event loop, so it never blocks: it
   * replies at once, or keeps the exchange and replies later from any thread. An exchange that is
   * kept has to be answered in the end; the transport sets no deadline for that.
   *
   * <p>What it throws is answered with 500 and logged; the connection goes on.
   */
  void handle(HttpExchange exchange);
}
