package io.millrace.server.api;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** {@code POST /api/v1/reload}: what SIGHUP does, for where there are no signals. */
final class ReloadRoute {
  private final Supplier<CompletionStage<ReloadResult>> reload;

  ReloadRoute(Supplier<CompletionStage<ReloadResult>> reload) {
    this.reload = reload;
  }

  void handle(HttpExchange exchange) {
    exchange.route("api_reload");
    if (!exchange.method().equals("POST")) {
      boolean _ =
          exchange.respond(
              Problem.reply(405, "Method not allowed", "This path takes POST")
                  .with("allow", "POST"));
      return;
    }
    if (!SameSite.allows(exchange)) {
      boolean _ =
          exchange.respond(Problem.reply(403, "Forbidden", "Another site's page may not do this"));
      return;
    }
    reload
        .get()
        .whenComplete(
            (result, failure) -> {
              boolean _ =
                  exchange.respond(
                      failure == null
                          ? reply(result)
                          : Problem.reply(
                              500, "Not reloaded", "The server's log says what went wrong"));
            });
  }

  private static HttpReply reply(ReloadResult result) {
    return switch (result) {
      case ReloadResult.Reloaded reloaded ->
          HttpReply.of(200, "application/json", AdminJson.reloaded(reloaded))
              .with("cache-control", "no-store");
      case ReloadResult.Refused refused ->
          HttpReply.of(
                  422,
                  Problem.CONTENT_TYPE,
                  AdminJson.problems(422, "Not a configuration", refused.problems()))
              .with("cache-control", "no-store");
    };
  }
}
