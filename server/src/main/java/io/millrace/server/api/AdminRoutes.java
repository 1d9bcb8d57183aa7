package io.millrace.server.api;

import io.millrace.media.StreamKey;
import io.millrace.server.event.Events;
import io.millrace.server.metrics.Metrics;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The routes of the admin listener, as its own description has them ({@link OpenApi}):
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
 * GET    /api/v1/events                               what happens, see {@link EventsRoute}
 * GET    /api/v1/openapi.json                         this, for programs
 * GET    /                    a page that shows the streams
 * </pre>
 *
 * The listener has no authentication of its own and is bound to loopback by default. What changes
 * something is refused to other sites' pages (see {@link SameSite}); nothing is given to them
 * either, since no reply carries CORS fields.
 */
public final class AdminRoutes implements HttpHandler {
  private static final List<String> GET = List.of("GET");
  private static final List<String> DELETE = List.of("DELETE");

  private final AdminView view;
  private final Metrics metrics;
  private final List<AdminRoute> routes;

  /**
   * @param events what is told to those who listen
   */
  public AdminRoutes(AdminView view, Metrics metrics, Events events) {
    this.view = view;
    this.metrics = metrics;
    AdminPage page = new AdminPage();
    OpenApi openApi = new OpenApi();
    this.routes =
        List.of(
            AdminRoute.of("/", GET, "page", (exchange, _) -> page.find("index.html", exchange)),
            AdminRoute.of(
                "/admin/{file}",
                GET,
                "page",
                (exchange, named) -> page.find(named.getFirst(), exchange)),
            AdminRoute.of("/healthz", GET, "healthz", (_, _) -> text("ok\n")),
            AdminRoute.of("/readyz", GET, "readyz", (_, _) -> ready()),
            AdminRoute.of("/metrics", GET, "metrics", (exchange, _) -> metrics(exchange)),
            AdminRoute.of(
                "/api/v1/streams",
                GET,
                "api_streams",
                (_, _) -> json(AdminJson.streams(view.streams()))),
            AdminRoute.of(
                "/api/v1/streams/{app}/{name}",
                GET,
                "api_streams",
                (_, named) -> stream(new StreamKey(named.getFirst(), named.getLast()))),
            new LadderRoute(view.ladders()).route(),
            new SubtitlesRoute(view::subtitles).route(),
            AdminRoute.of(
                "/api/v1/sessions",
                GET,
                "api_sessions",
                (_, _) -> json(AdminJson.sessions(view.sessions()))),
            AdminRoute.of(
                "/api/v1/sessions/{id}",
                DELETE,
                "api_sessions",
                (_, named) -> session(named.getFirst())),
            new ReloadRoute(view::reload).route(),
            new EventsRoute(events).route(),
            AdminRoute.of(
                "/api/v1/openapi.json",
                GET,
                "api_openapi",
                (exchange, _) -> openApi.reply(exchange)));
  }

  /** All there are. */
  List<AdminRoute> routes() {
    return routes;
  }

  @Override
  public void handle(HttpExchange exchange) {
    List<String> path = List.of(exchange.path().substring(1).split("/", -1));
    for (AdminRoute route : routes) {
      if (route.take(exchange, path)) {
        return;
      }
    }
    boolean _ = exchange.respond(notFound());
  }

  private HttpReply session(String id) {
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
}
