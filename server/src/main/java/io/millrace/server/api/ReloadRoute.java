package io.millrace.server.api;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** {@code POST /api/v1/reload}: what SIGHUP does, for where there are no signals. */
final class ReloadRoute {
  private final Supplier<CompletionStage<ReloadResult>> reload;

  ReloadRoute(Supplier<CompletionStage<ReloadResult>> reload) {
    this.reload = reload;
  }

  AdminRoute route() {
    return new AdminRoute(
        "/api/v1/reload", List.of("POST"), "api_reload", (exchange, _) -> handle(exchange));
  }

  private void handle(HttpExchange exchange) {
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
