package io.millrace.server.api;

import io.millrace.media.StreamKey;
import io.millrace.server.metrics.Metrics;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The routes of the admin listener:
 *
 * <pre>
 * GET    /healthz /readyz /metrics
 * GET    /api/v1/streams      /api/v1/streams/APP/NAME
 * GET    /api/v1/sessions
 * DELETE /api/v1/sessions/ID
 * PUT    /api/v1/streams/APP/NAME/ladder              another ladder, see {@link LadderRoute}
 * DELETE /api/v1/streams/APP/NAME/ladder              the configured one again
 * POST   /api/v1/streams/APP/NAME/subtitles/LANG      WebVTT, see {@link SubtitlesRoute}
 * POST   /api/v1/reload                               reads the configuration again
 * GET    /                    a page that shows the streams
 * </pre>
 *
 * The listener has no authentication of its own and is bound to loopback by default. What changes
 * something is refused to other sites' pages (see {@link SameSite}); nothing is given to them
 * either, since no reply carries CORS fields.
 */
public final class AdminRoutes implements HttpHandler {
  private static final String READ = "GET, HEAD";
  private static final List<String> RELOAD = List.of("api", "v1", "reload");

  private final AdminView view;
  private final Metrics metrics;
  private final AdminPage page = new AdminPage();
  private final SubtitlesRoute subtitles;
  private final LadderRoute ladder;
  private final ReloadRoute reload;

  public AdminRoutes(AdminView view, Metrics metrics) {
    this.view = view;
    this.metrics = metrics;
    this.subtitles = new SubtitlesRoute(view::subtitles);
    this.ladder = new LadderRoute(view.ladders());
    this.reload = new ReloadRoute(view::reload);
  }

  @Override
  public void handle(HttpExchange exchange) {
    List<String> path = List.of(exchange.path().substring(1).split("/", -1));
    if (SubtitlesRoute.takes(path)) {
      subtitles.handle(exchange, path);
    } else if (path.equals(RELOAD)) {
      reload.handle(exchange);
    } else {
      boolean _ = exchange.respond(reply(exchange, path));
    }
  }

  private HttpReply reply(HttpExchange exchange, List<String> path) {
    return switch (path.getFirst()) {
      case "" -> read(exchange, "page", () -> page.find("index.html", exchange));
      case "admin" -> read(exchange, "page", () -> file(path, exchange));
      case "healthz" -> read(exchange, "healthz", () -> text("ok\n"));
      case "readyz" -> read(exchange, "readyz", this::ready);
      case "metrics" -> read(exchange, "metrics", () -> metrics(exchange));
      case "api" -> path.size() > 2 && path.get(1).equals("v1") ? api(exchange, path) : notFound();
      default -> notFound();
    };
  }

  private HttpReply api(HttpExchange exchange, List<String> path) {
    return switch (path.get(2)) {
      case "streams" ->
          LadderRoute.takes(path)
              ? ladder.reply(exchange, path)
              : read(
                  exchange,
                  "api_streams",
                  () ->
                      switch (path.size()) {
                        case 3 -> json(AdminJson.streams(view.streams()));
                        case 5 -> stream(new StreamKey(path.get(3), path.get(4)));
                        default -> notFound();
                      });
      case "sessions" ->
          switch (path.size()) {
            case 3 ->
                read(exchange, "api_sessions", () -> json(AdminJson.sessions(view.sessions())));
            case 4 -> session(exchange, path.get(3));
            default -> notFound();
          };
      default -> notFound();
    };
  }

  private interface Answer {
    HttpReply get();
  }

  private static HttpReply read(HttpExchange exchange, String route, Answer answer) {
    exchange.route(route);
    return switch (exchange.method()) {
      case "GET", "HEAD" -> answer.get();
      case "OPTIONS" -> HttpReply.of(204).with("allow", READ);
      default -> notAllowed(READ);
    };
  }

  private HttpReply session(HttpExchange exchange, String id) {
    exchange.route("api_sessions");
    if (!exchange.method().equals("DELETE")) {
      return notAllowed("DELETE");
    }
    if (!SameSite.allows(exchange)) {
      return Problem.reply(403, "Forbidden", "Another site's page may not do this");
    }
    return view.disconnect(id)
        ? HttpReply.of(204)
        : Problem.reply(404, "Not found", "No session has this id");
  }

  private HttpReply stream(StreamKey key) {
    StreamDetail stream = view.stream(key);
    return stream == null
        ? Problem.reply(404, "Not found", "No stream has this name")
        : json(AdminJson.stream(stream));
  }

  private HttpReply ready() {
    return view.ready()
        ? text("ready\n")
        : Problem.reply(503, "Not ready", "The server starts, or is shutting down");
  }

  private HttpReply metrics(HttpExchange exchange) {
    Metrics.Page scrape = metrics.scrape(exchange.headers().get("accept"));
    return HttpReply.of(200, scrape.contentType(), scrape.text()).with("cache-control", "no-store");
  }

  private HttpReply file(List<String> path, HttpExchange exchange) {
    return path.size() == 2 ? page.find(path.get(1), exchange) : notFound();
  }

  private static HttpReply json(byte[] json) {
    return HttpReply.of(200, "application/json", json).with("cache-control", "no-store");
  }

  private static HttpReply text(String text) {
    return HttpReply.of(200, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.US_ASCII))
        .with("cache-control", "no-store");
  }

  static HttpReply notFound() {
    return Problem.reply(404, "Not found", "Nothing is served under this path");
  }

  private static HttpReply notAllowed(String allowed) {
    return Problem.reply(405, "Method not allowed", "This path takes " + allowed)
        .with("allow", allowed);
  }
}
