package io.millrace.server;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;

/** A handler that may be another one from the next request on. Thread-safe. */
final class HandlerSwitch implements HttpHandler {
  private volatile HttpHandler current;

  HandlerSwitch(HttpHandler current) {
    this.current = current;
  }

  void set(HttpHandler next) {
    current = next;
  }

  @Override
  public void handle(HttpExchange exchange) {
    current.handle(exchange);
  }
}
