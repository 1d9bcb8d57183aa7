package io.millrace.server.api;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * {@code GET /api/v1/openapi.json}: the description of the admin listener for programs (OpenAPI
 * 3.1.1), written by hand; tests hold it against the routes and what they answer.
 */
final class OpenApi {
  private static final String NAME = "/io/millrace/server/admin/openapi.json";

  private final Representation document;

  OpenApi() {
    try (InputStream in = OpenApi.class.getResourceAsStream(NAME)) {
      if (in == null) {
        throw new IllegalStateException("not in this build: " + NAME);
      }
      document =
          new Representation(
              "application/json",
              ReplyBody.of(in.readAllBytes()),
              null,
              null,
              List.of(new Header("cache-control", "no-cache")),
              false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpReply reply(HttpExchange exchange) {
    return document.reply(exchange.method(), exchange.headers());
  }
}
