package io.millrace.server.api;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.util.ArrayList;
import java.util.List;

/**
 * One path of the admin listener and what may be done there.
 *
 * @param template as OpenAPI has it: {@code /api/v1/streams/{app}/{name}}
 * @param methods without those that follow: HEAD where there is GET, and OPTIONS
 * @param metric the route's name in metrics
 */
record AdminRoute(String template, List<String> methods, String metric, Handler handler) {
  private static final List<String> CHANGING = List.of("PUT", "POST", "DELETE", "PATCH");

  /** Answers, at once or later, a request whose path and method are the route's. */
  interface Handler {
    /**
     * @param parameters what the path has in place of each <code>{name}</code>, in order
     */
    void handle(HttpExchange exchange, List<String> parameters);
  }

  /** Answers at once. */
  interface Reply {
    HttpReply of(HttpExchange exchange, List<String> parameters);
  }

  AdminRoute {
    methods = List.copyOf(methods);
  }

  static AdminRoute of(String template, List<String> methods, String metric, Reply reply) {
    return new AdminRoute(
        template,
        methods,
        metric,
        (exchange, parameters) -> {
          boolean _ = exchange.respond(reply.of(exchange, parameters));
        });
  }

  /**
   * Answers if the path is this route's.
   *
   * @param path split at its slashes
   */
  boolean take(HttpExchange exchange, List<String> path) {
    List<String> pattern = List.of(template.substring(1).split("/", -1));
    if (pattern.size() != path.size()) {
      return false;
    }
    List<String> parameters = new ArrayList<>();
    for (int i = 0; i < pattern.size(); i++) {
      if (pattern.get(i).startsWith("{")) {
        parameters.add(path.get(i));
      } else if (!pattern.get(i).equals(path.get(i))) {
        return false;
      }
    }
    exchange.route(metric);
    String method = exchange.method();
    if (method.equals("OPTIONS")) {
      boolean _ = exchange.respond(HttpReply.of(204).with("allow", allowed()));
    } else if (!methods.contains(method.equals("HEAD") ? "GET" : method)) {
      boolean _ =
          exchange.respond(
              Problem.reply(405, "Method not allowed", "This path takes " + allowed())
                  .with("allow", allowed()));
    } else if (CHANGING.contains(method) && !SameSite.allows(exchange)) {
      boolean _ =
          exchange.respond(Problem.reply(403, "Forbidden", "Another site's page may not do this"));
    } else {
      handler.handle(exchange, parameters);
    }
    return true;
  }

  private String allowed() {
    return String.join(", ", methods).replace("GET", "GET, HEAD");
  }
}
