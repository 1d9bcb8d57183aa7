package io.millrace.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.server.auth.PublishVerdict.Kind;
import io.millrace.server.config.WebhookConfig;
import io.millrace.server.config.WebhookConfig.OnError;
import io.millrace.server.webhook.FakeWebhook;
import io.millrace.server.webhook.Question.Action;
import io.millrace.server.webhook.Webhook;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishAuthorityTest {
  private static final StreamKey ASKED = new StreamKey("live", "asked");
  private static final StreamKey OWN = new StreamKey("live", "own");
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("192.0.2.7");
  private static final WebhookConfig CONFIG = FakeWebhook.config(OnError.REFUSE, Duration.ZERO);

  private final AtomicLong nowNs = new AtomicLong();
  private final FakeWebhook fake = new FakeWebhook();
  private final Webhook webhook = fake.open(Action.PUBLISH, CONFIG);
  private final PublishKeys keys =
      new PublishKeys(_ -> List.of(), CheapHashes.of("first"), nowNs::get);
  private final PublishAuthority authority =
      new PublishAuthority(
          keys, stream -> stream.equals(ASKED) ? CONFIG : null, _ -> webhook, nowNs::get);

  @AfterEach
  void close() {
    keys.close();
  }

  private CompletableFuture<PublishVerdict> ask(StreamKey stream, InetAddress source) {
    PublishAttempt attempt =
        new PublishAttempt(
            stream, Map.of("key", "s3cret", "user", "u"), source, "rtmp", "rtmp-1", "OBS");
    assertThat(attempt.toString()).doesNotContain("s3cret", "user");
    return authority.authorize(attempt).toCompletableFuture();
  }

  @Test
  void withoutAWebhookTheKeysDecide() {
    assertThat(ask(OWN, LOOPBACK)).isCompletedWithValue(PublishVerdict.ALLOWED);
    assertThat(ask(OWN, ELSEWHERE).orTimeout(30, TimeUnit.SECONDS).join())
        .isEqualTo(new PublishVerdict(Kind.UNAUTHORIZED, "wrong key"));
    assertThat(fake.count()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "200, ALLOWED",
    "401, UNAUTHORIZED",
    "403, FORBIDDEN",
    "404, NOT_FOUND",
    "409, CONFLICT",
    "451, FORBIDDEN",
    "500, UNAVAILABLE",
  })
  void aWebhookIsAskedAboutEverybodyAndDecidesAlone(int status, Kind kind) {
    CompletableFuture<PublishVerdict> verdict = ask(ASKED, LOOPBACK);
    assertThat(verdict).isNotDone();
    fake.answer(status, "");
    assertThat(verdict.join().kind()).isEqualTo(kind);
    assertThat(verdict.join().text()).isNotEmpty();
  }

  @Test
  void whoTriesKeysOutIsNotAskedAboutForAWhile() {
    for (int i = 0; i < AttemptLimiter.BURST; i++) {
      var _ = ask(ASKED, ELSEWHERE);
      fake.answer(403, "wrong");
    }
    assertThat(ask(ASKED, ELSEWHERE).join().text()).contains("too many failed attempts");
    assertThat(fake.count()).isEqualTo(AttemptLimiter.BURST);
    assertThat(ask(ASKED, LOOPBACK)).isNotDone();
    nowNs.addAndGet(AttemptLimiter.REFILL_NS);
    assertThat(ask(ASKED, ELSEWHERE)).isNotDone();
  }

  @Test
  void aWebhookThatIsDownIsNobodysFailure() {
    for (int i = 0; i < 3 * AttemptLimiter.BURST; i++) {
      CompletableFuture<PublishVerdict> verdict = ask(ASKED, ELSEWHERE);
      fake.answer(502, "");
      assertThat(verdict.join().kind()).isEqualTo(Kind.UNAVAILABLE);
    }
  }
}
