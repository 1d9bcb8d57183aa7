package io.millrace.server.edge;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * The routes of an edge: streams out of the cache; pages, the time and streams that are published
 * here by this server itself.
 */
final class EdgeRoutes implements HttpHandler {
  /** On every answer of the edge's own about a stream: any page may play. */
  static final List<Header> CORS =
      List.of(
          new Header("access-control-allow-origin", "*"),
          new Header("timing-allow-origin", "*"),
          new Header("cross-origin-resource-policy", "cross-origin"));

  /** {@code /app/name/rendition/file}. */
  private static final int MAX_SEGMENTS = 4;

  private final EdgeCache cache;
  private final HttpHandler own;
  private final BiPredicate<String, String> isOwn;

  /**
   * @param own answers what is not the cache's
   * @param isOwn whether a stream, by app and name, is published here
   */
  EdgeRoutes(EdgeCache cache, HttpHandler own, BiPredicate<String, String> isOwn) {
    this.cache = cache;
    this.own = own;
    this.isOwn = isOwn;
  }

  @Override
  public void handle(HttpExchange exchange) {
    String method = exchange.method();
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (!reads || !isCached(exchange.path())) {
      own.handle(exchange);
      return;
    }
    exchange.route("edge");
    if (Via.isLoop(exchange)) {
      answer(
          exchange,
          Problem.reply(508, "Loop detected", "Edges ask each other in a circle").with(CORS));
      return;
    }
    ObjectKey key;
    try {
      key = ObjectKey.of(exchange);
    } catch (ObjectKey.MalformedException e) {
      answer(
          exchange, Problem.reply(400, "Bad parameter", String.valueOf(e.getMessage())).with(CORS));
      return;
    }
    cache.handle(exchange, key);
  }

  private boolean isCached(String path) {
    if (path.equals("/streams.json")) {
      return true;
    }
    int name = path.indexOf('/', 1);
    int rest = name < 0 ? -1 : path.indexOf('/', name + 1);
    if (rest < 0 || path.chars().filter(c -> c == '/').count() > MAX_SEGMENTS) {
      return false;
    }
    return switch (path.substring(1, name)) {
      case "", "watch", "ui" -> false;
      default -> !isOwn.test(path.substring(1, name), path.substring(name + 1, rest));
    };
  }

  private static void answer(HttpExchange exchange, HttpReply reply) {
    boolean _ = exchange.respond(reply);
  }
}
