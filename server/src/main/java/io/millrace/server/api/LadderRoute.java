package io.millrace.server.api;

import io.millrace.media.StreamKey;
import io.millrace.server.config.ConfigProblem;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code PUT} and {@code DELETE /api/v1/streams/APP/NAME/ladder}. */
final class LadderRoute {
  private static final int MAX_BODY_BYTES = 64 << 10;

  private final LadderEdit ladders;

  LadderRoute(LadderEdit ladders) {
    this.ladders = ladders;
  }

  AdminRoute route() {
    return AdminRoute.of(
        "/api/v1/streams/{app}/{name}/ladder",
        List.of("PUT", "DELETE"),
        "api_ladder",
        (exchange, named) -> reply(exchange, new StreamKey(named.getFirst(), named.getLast())));
  }

  private HttpReply reply(HttpExchange exchange, StreamKey key) {
    if (exchange.method().equals("DELETE")) {
      return reply(ladders.reset(key));
    }
    if (!isJson(exchange.headers().get("content-type"))) {
      return Problem.reply(415, "Not JSON", "A ladder is sent with content-type: application/json");
    }
    if (exchange.body().length > MAX_BODY_BYTES) {
      return Problem.reply(
          413, "Too large", "A ladder of at most " + MAX_BODY_BYTES + " bytes is taken");
    }
    return reply(ladders.put(key, exchange.body()));
  }

  private static boolean isJson(@Nullable String contentType) {
    return contentType != null
        && contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals("application/json");
  }

  private static HttpReply reply(LadderEdit.Result result) {
    return switch (result) {
      case LadderEdit.Result.Changed changed ->
          HttpReply.of(200, "application/json", AdminJson.ladder(changed))
              .with("cache-control", "no-store");
      case LadderEdit.Result.NoStream() ->
          Problem.reply(404, "Not found", "No stream of this name is live");
      case LadderEdit.Result.Invalid(List<ConfigProblem> problems) ->
          problem(422, "Not a ladder", problems);
      case LadderEdit.Result.Unlike(List<ConfigProblem> problems) ->
          problem(409, "Not while it is live", problems);
    };
  }

  private static HttpReply problem(int status, String title, List<ConfigProblem> problems) {
    return HttpReply.of(status, Problem.CONTENT_TYPE, AdminJson.problems(status, title, problems))
        .with("cache-control", "no-store");
  }
}
