package io.millrace.server.auth;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishVerdict.Kind;
import io.millrace.server.config.WebhookConfig;
import io.millrace.server.webhook.Decision;
import io.millrace.server.webhook.Question;
import io.millrace.server.webhook.Question.Action;
import io.millrace.server.webhook.Webhook;
import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may publish, by whatever decides for a stream: its webhook, or else {@link PublishKeys}. A
 * source that the webhook keeps refusing is refused without asking it ({@link AttemptLimiter}), so
 * that nobody tries keys out at its expense. Thread-safe; never blocks.
 */
public final class PublishAuthority {
  private static final Logger LOG = LoggerFactory.getLogger(PublishKeys.class);

  private final PublishKeys keys;
  private final Function<StreamKey, @Nullable WebhookConfig> configured;
  private final Function<WebhookConfig, Webhook> webhooks;
  private final LongSupplier clockNs;
  private final AttemptLimiter limiter = new AttemptLimiter();

  /**
   * @param keys borrowed
   * @param configured the webhook of a stream; null without one
   * @param webhooks opens one, or finds it open
   * @param clockNs {@code System::nanoTime}
   */
  public PublishAuthority(
      PublishKeys keys,
      Function<StreamKey, @Nullable WebhookConfig> configured,
      Function<WebhookConfig, Webhook> webhooks,
      LongSupplier clockNs) {
    this.keys = keys;
    this.configured = configured;
    this.webhooks = webhooks;
    this.clockNs = clockNs;
  }

  /** Decides, at once or later on any thread; never exceptionally. */
  public CompletionStage<PublishVerdict> authorize(PublishAttempt attempt) {
    WebhookConfig webhook = configured.apply(attempt.stream());
    if (webhook == null) {
      return keys.authorize(attempt.stream(), attempt.key(), attempt.source())
          .thenApply(PublishAuthority::verdict);
    }
    InetAddress source = attempt.source();
    if (!limiter.take(source, clockNs.getAsLong())) {
      return CompletableFuture.completedFuture(verdict(PublishKeys.Verdict.TOO_MANY_FAILURES));
    }
    return webhooks
        .apply(webhook)
        .ask(question(attempt, false))
        .thenApply(
            decision -> {
              PublishVerdict verdict = verdict(decision);
              if (decision instanceof Decision.Refused) {
                LOG.atInfo()
                    .addKeyValue("stream", attempt.stream())
                    .addKeyValue("remote", source.getHostAddress())
                    .addKeyValue("reason", verdict.text())
                    .log("publish refused");
              } else {
                limiter.giveBack(source);
              }
              return verdict;
            });
  }

  /**
   * Asks once more about a publisher that was allowed.
   *
   * @return a verdict that only {@link Kind#UNAVAILABLE} leaves open
   */
  public CompletionStage<PublishVerdict> recheck(PublishAttempt attempt) {
    WebhookConfig webhook = configured.apply(attempt.stream());
    return webhook == null
        ? CompletableFuture.completedFuture(PublishVerdict.ALLOWED)
        : webhooks.apply(webhook).ask(question(attempt, true)).thenApply(PublishAuthority::verdict);
  }

  private static Question question(PublishAttempt attempt, boolean again) {
    return new Question(
        Action.PUBLISH,
        attempt.stream(),
        attempt.key(),
        attempt.protocol(),
        attempt.source(),
        attempt.session(),
        attempt.encoder(),
        attempt.others(),
        again);
  }

  private static PublishVerdict verdict(PublishKeys.Verdict verdict) {
    return switch (verdict) {
      case ALLOWED -> PublishVerdict.ALLOWED;
      case KEY_MISSING, KEY_WRONG -> new PublishVerdict(Kind.UNAUTHORIZED, verdict.text());
      case TOO_MANY_FAILURES -> new PublishVerdict(Kind.FORBIDDEN, verdict.text());
      case BUSY -> new PublishVerdict(Kind.UNAVAILABLE, verdict.text());
    };
  }

  private static PublishVerdict verdict(Decision decision) {
    return switch (decision) {
      case Decision.Allowed(String ladder) ->
          ladder == null
              ? PublishVerdict.ALLOWED
              : new PublishVerdict(Kind.ALLOWED, "allowed", ladder);
      case Decision.Refused(int status, String reason) ->
          new PublishVerdict(
              switch (status) {
                case 401 -> Kind.UNAUTHORIZED;
                case 404 -> Kind.NOT_FOUND;
                case 409 -> Kind.CONFLICT;
                default -> Kind.FORBIDDEN;
              },
              reason.isEmpty() ? "the operator of this server refuses it" : reason);
      case Decision.Unavailable() ->
          new PublishVerdict(
              Kind.UNAVAILABLE, "it cannot be checked at this moment who may publish, try again");
    };
  }
}
