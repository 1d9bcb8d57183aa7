package io.millrace.server.access;

import io.millrace.transport.http.HttpExchange;

/** A request whose path began with a token, without it. */
final class TokenExchange extends ForwardingExchange {
  private final String path;

  TokenExchange(HttpExchange of, String path) {
    super(of);
    this.path = path;
  }

  @Override
  public String path() {
    return path;
  }
}
