package io.millrace.server.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.millrace.media.StreamKey;
import io.millrace.server.config.PlayPolicy;
import io.millrace.server.config.WebhookConfig;
import io.millrace.server.origin.EarlyPolicy;
import io.millrace.server.webhook.Decision;
import io.millrace.server.webhook.Question;
import io.millrace.server.webhook.Webhook;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.Problem;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets requests for a stream through that may see it: by a playback token, and by what a webhook
 * says. A token is in the path, {@code /t/TOKEN/APP/NAME/…}, where relative addresses in playlists
 * keep it, or as {@link ShownToken} says.
 *
 * <p>A prefix is taken off before a route sees it, so that what is served, kept and counted knows
 * of no token. Checking one notes nothing down, so that a token may come as early data; a webhook
 * is not asked by a request that may be a replay, which has what it has said before, or comes
 * again. Thread-safe.
 */
public final class PlayGate implements HttpHandler {
  private static final Logger LOG = LoggerFactory.getLogger(PlayGate.class);
  private static final String PREFIX = "/t/";
  private static final int MAX_POLICIES = 10_000;

  /** Of what a webhook is told; longer than any token of ours. */
  private static final int MAX_TOKEN_CHARS = 2_048;

  /** First parts of paths that are no app. */
  private static final Set<String> PAGES = Set.of("", "watch", "ui");

  private static final List<Header> CORS =
      List.of(
          new Header("access-control-allow-origin", "*"),
          new Header("cross-origin-resource-policy", "cross-origin"));

  private final HttpHandler next;
  private final InstantSource clock;
  private final Function<WebhookConfig, Webhook> webhooks;
  private final LoadingCache<StreamKey, PlayPolicy> policies;

  /**
   * @param next answers what is let through
   * @param webhooks opens one, or finds it open
   */
  public PlayGate(
      HttpHandler next,
      Function<StreamKey, PlayPolicy> policies,
      Function<WebhookConfig, Webhook> webhooks,
      InstantSource clock) {
    this.next = next;
    this.webhooks = webhooks;
    this.clock = clock;
    this.policies = Caffeine.newBuilder().maximumSize(MAX_POLICIES).build(policies::apply);
  }

  /** What streams' policies are has changed. */
  public void refresh() {
    policies.invalidateAll();
  }

  @Override
  public void handle(HttpExchange exchange) {
    HttpExchange inner = exchange;
    String path = exchange.path();
    String token = null;
    if (path.startsWith(PREFIX)) {
      int end = path.indexOf('/', PREFIX.length());
      if (end > 0 && streamEnd(path, end) > 0) {
        token = path.substring(PREFIX.length(), end);
        path = path.substring(end);
        inner = new TokenExchange(exchange, path);
      }
    }
    int end = streamEnd(path, 0);
    if (end < 0 || exchange.method().equals("OPTIONS")) {
      next.handle(inner);
      return;
    }
    int slash = path.indexOf('/', 1);
    StreamKey stream = new StreamKey(path.substring(1, slash), path.substring(slash + 1, end));
    PlayPolicy policy = policies.get(stream);
    if (!policy.asks() || PAGES.contains(stream.app())) {
      next.handle(inner);
      return;
    }
    String shown = token == null ? ShownToken.of(exchange) : token;
    HttpReply refusal = policy.tokens() ? refusal(exchange, shown, stream, policy) : null;
    WebhookConfig webhook = policy.webhook();
    if (refusal != null) {
      refuse(exchange, refusal);
    } else if (webhook != null) {
      ask(webhooks.apply(webhook), exchange, inner, stream, shown);
    } else {
      next.handle(inner);
    }
  }

  private static void refuse(HttpExchange exchange, HttpReply refusal) {
    exchange.route("refused");
    boolean _ = exchange.respond(refusal);
  }

  private void ask(
      Webhook webhook,
      HttpExchange exchange,
      HttpExchange inner,
      StreamKey stream,
      @Nullable String token) {
    if (token != null && token.length() > MAX_TOKEN_CHARS) {
      refuse(exchange, unauthorized("The playback token is too long", "invalid_token"));
      return;
    }
    String userAgent = exchange.headers().get("user-agent");
    Question question =
        new Question(
            Question.Action.PLAY,
            stream,
            token,
            exchange.protocol().label(),
            exchange.remote().getAddress(),
            "",
            userAgent == null ? "" : userAgent,
            Map.of(),
            false);
    if (EarlyPolicy.mayBeReplay(exchange)) {
      Decision known = webhook.known(question);
      if (known == null) {
        exchange.route("too_early");
        boolean _ = exchange.respond(EarlyPolicy.tooEarly());
      } else {
        proceed(exchange, inner, known);
      }
      return;
    }
    CompletableFuture<Decision> answer = webhook.ask(question).toCompletableFuture();
    if (answer.isDone()) {
      proceed(exchange, inner, answer.join());
      return;
    }
    var _ =
        answer.thenAcceptAsync(
            decision -> proceedLater(exchange, inner, decision), exchange.executor());
  }

  /** Nobody is behind this who would notice what a route throws. */
  private void proceedLater(HttpExchange exchange, HttpExchange inner, Decision decision) {
    if (exchange.cancelled()) {
      return;
    }
    try {
      proceed(exchange, inner, decision);
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("path", inner.path()).setCause(e).log("request failed");
      boolean _ =
          exchange.respond(
              Problem.reply(500, "Internal error", "This is the server's fault").with(CORS));
    }
  }

  private void proceed(HttpExchange exchange, HttpExchange inner, Decision decision) {
    switch (decision) {
      case Decision.Allowed _ -> next.handle(inner);
      case Decision.Refused(int status, String reason) -> {
        String detail = reason.isEmpty() ? "The operator of this server refuses it" : reason;
        refuse(exchange, status == 401 ? unauthorized(detail, "") : forbidden(detail));
      }
      case Decision.Unavailable() ->
          refuse(
              exchange,
              Problem.reply(
                      503,
                      "Service unavailable",
                      "It cannot be checked at this moment who may play")
                  .with("retry-after", "2")
                  .with(CORS));
    }
  }

  /** Where {@code /app/name} ends that begins at an index and has a file; -1 for another path. */
  private static int streamEnd(String path, int from) {
    int slash = path.indexOf('/', from + 1);
    return slash < 0 ? -1 : path.indexOf('/', slash + 1);
  }

  private @Nullable HttpReply refusal(
      HttpExchange exchange, @Nullable String token, StreamKey stream, PlayPolicy policy) {
    if (token == null) {
      return unauthorized("A playback token is needed and none was given", "");
    }
    return switch (PlayToken.check(
        token, stream.toString(), exchange.remote().getAddress(), clock.instant(), policy.keys())) {
      case VALID -> null;
      case MALFORMED -> unauthorized("The playback token is malformed", "invalid_token");
      case BAD_SIGNATURE -> unauthorized("The playback token has a bad signature", "invalid_token");
      case EXPIRED -> unauthorized("The playback token has expired", "invalid_token");
      case OTHER_PATH -> forbidden("The playback token is not for this path");
      case OTHER_ADDRESS -> forbidden("The playback token is for another address");
    };
  }

  /** RFC 6750 §3. */
  private static HttpReply unauthorized(String detail, String error) {
    return Problem.reply(401, "Unauthorized", detail)
        .with("www-authenticate", error.isEmpty() ? "Bearer" : "Bearer error=\"" + error + "\"")
        .with(CORS);
  }

  private static HttpReply forbidden(String detail) {
    return Problem.reply(403, "Forbidden", detail).with(CORS);
  }
}
