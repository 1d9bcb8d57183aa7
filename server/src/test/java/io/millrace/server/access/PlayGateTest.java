package io.millrace.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.server.config.PlayPolicy;
import io.millrace.server.config.WebhookConfig;
import io.millrace.server.edge.FakeExchange;
import io.millrace.server.webhook.FakeWebhook;
import io.millrace.server.webhook.Question.Action;
import io.millrace.server.webhook.Webhook;
import io.millrace.transport.http.HttpReply;
import io.netty.channel.DefaultEventLoop;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlayGateTest {
  private static final Instant NOW = Instant.parse("2026-11-28T20:00:00Z");
  private static final PlayKey KEY = PlayKey.generate(new SecureRandom());
  private static final PlayPolicy NEEDED = new PlayPolicy(true, List.of(KEY));

  private static final WebhookConfig HOOK =
      FakeWebhook.config(WebhookConfig.OnError.REFUSE, Duration.ofMinutes(1));

  private final DefaultEventLoop loop = new DefaultEventLoop();
  private final FakeWebhook fake = new FakeWebhook();
  private final Webhook webhook = fake.open(Action.PLAY, HOOK);
  private final PlayGate gate =
      new PlayGate(
          exchange ->
              exchange.respond(
                  HttpReply.of(200, "t/p", exchange.path().getBytes(StandardCharsets.UTF_8))),
          PlayGateTest::policy,
          config -> config.equals(HOOK) ? webhook : fake.open(Action.PLAY, config),
          InstantSource.fixed(NOW));

  private static PlayPolicy policy(StreamKey stream) {
    return switch (stream.app()) {
      case "open" -> PlayPolicy.OPEN;
      case "asked" -> new PlayPolicy(false, List.of(), HOOK);
      case "both" -> new PlayPolicy(true, List.of(KEY), HOOK);
      default -> NEEDED;
    };
  }

  @AfterEach
  void stop() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private static String token(String path) {
    return PlayToken.sign(KEY, path, NOW.plusSeconds(60), null);
  }

  private FakeExchange exchange(String target) {
    return new FakeExchange(loop, target);
  }

  private HttpReply ask(FakeExchange exchange) {
    gate.handle(exchange);
    return exchange.answer();
  }

  private HttpReply ask(String target) {
    return ask(exchange(target));
  }

  private static String text(HttpReply reply) {
    return FakeExchange.textOf(reply);
  }

  @Test
  void thePrefixIsTakenOff() {
    String token = token("live/show");
    HttpReply reply = ask("/t/" + token + "/live/show/720p/media.m3u8?_HLS_msn=1");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(text(reply)).isEqualTo("/live/show/720p/media.m3u8");
    assertThat(text(ask("/t/" + token + "/live/show/master.m3u8")))
        .isEqualTo("/live/show/master.m3u8");
  }

  @Test
  void queryAndAuthorizationDoAsWell() {
    String token = token("live/");
    assertThat(ask("/live/show/master.m3u8?token=" + token).status()).isEqualTo(200);
    assertThat(
            ask(exchange("/live/show/keys").method("POST").with("authorization", "bearer " + token))
                .status())
        .isEqualTo(200);
  }

  @Test
  void aCookieDoesAsWell() {
    String token = token("live/");
    assertThat(ask(cookie("a=b; millrace_token=" + token)).status()).isEqualTo(200);
    assertThat(ask(cookie("millrace_token=" + token + "; a=b")).status()).isEqualTo(200);
    assertThat(ask(cookie("xmillrace_token=" + token)).status()).isEqualTo(401);
    assertThat(ask(cookie("millrace_token")).status()).isEqualTo(401);
    assertThat(text(ask(cookie("millrace_token=")))).contains("malformed");
    assertThat(ask(cookie("millrace_token=x; millrace_token=" + token)).status())
        .as("the first, which has the longest path")
        .isEqualTo(401);
    assertThat(ShownToken.cookie("a=b, millrace_token=t")).isEqualTo("t");
    assertThat(ShownToken.cookie(";;")).isNull();
  }

  private FakeExchange cookie(String cookies) {
    return exchange("/live/show/master.m3u8").with("cookie", cookies);
  }

  @Test
  void aWebhookIsAskedAndItsAnswerKept() throws Exception {
    FakeExchange first = exchange("/asked/show/master.m3u8?token=any");
    assertThat(ask(first)).isNull();
    fake.answer(200, "");
    assertThat(first.await().status()).isEqualTo(200);
    assertThat(text(ask("/t/any/asked/show/a.m4s"))).isEqualTo("/asked/show/a.m4s");
    assertThat(ask(exchange("/asked/show/b.m4s").with("cookie", "millrace_token=any")).status())
        .isEqualTo(200);
    assertThat(fake.count()).isEqualTo(1);

    FakeExchange other = exchange("/asked/other/master.m3u8?token=any");
    assertThat(ask(other)).isNull();
    fake.answer(403, "not in your country");
    assertThat(other.await().status()).isEqualTo(403);
    assertThat(text(other.await())).contains("not in your country");
    assertThat(other.await().header("access-control-allow-origin")).isEqualTo("*");
    FakeExchange none = exchange("/asked/show/master.m3u8");
    assertThat(ask(none)).isNull();
    fake.answer(401, "");
    assertThat(none.await().header("www-authenticate")).isEqualTo("Bearer");
    FakeExchange down = exchange("/asked/third/master.m3u8");
    assertThat(ask(down)).isNull();
    fake.pass(Duration.ofSeconds(3));
    assertThat(down.await().status()).isEqualTo(503);
    assertThat(down.await().header("retry-after")).isEqualTo("2");
    assertThat(ask("/asked/show/a?token=" + "x".repeat(3_000)).status()).isEqualTo(401);
  }

  @Test
  void aWebhookIsOnlyAskedAboutTokensThatAreGood() throws Exception {
    assertThat(ask("/both/show/a?token=x").status()).isEqualTo(401);
    assertThat(fake.count()).isZero();
    FakeExchange good = exchange("/both/show/a?token=" + token("both/"));
    assertThat(ask(good)).isNull();
    fake.answer(200, "");
    assertThat(good.await().status()).isEqualTo(200);
  }

  @Test
  void aRequestThatMayBeAReplayHasNobodyAsked() throws Exception {
    String target = "/asked/show/a.m4s?token=any";
    assertThat(ask(exchange(target).asEarlyData()).status()).isEqualTo(425);
    assertThat(ask(exchange(target).with("early-data", "1")).status()).isEqualTo(425);
    assertThat(fake.count()).isZero();
    FakeExchange late = exchange(target);
    assertThat(ask(late)).isNull();
    fake.answer(200, "");
    assertThat(late.await().status()).isEqualTo(200);
    fake.pass(Duration.ofSeconds(50)); // when another viewer's request would renew the answer
    assertThat(ask(exchange(target).asEarlyData()).status()).isEqualTo(200);
    assertThat(fake.count()).isEqualTo(1);
  }

  @Test
  void whatIsWrongIsSaid() {
    HttpReply none = ask("/live/show/master.m3u8");
    assertThat(none.status()).isEqualTo(401);
    assertThat(none.header("www-authenticate")).isEqualTo("Bearer");
    assertThat(none.header("access-control-allow-origin")).isEqualTo("*");
    assertThat(none.header("cache-control")).isEqualTo("no-store");
    String expired = PlayToken.sign(KEY, "live/show", NOW, null);
    assertThat(ask("/live/show/master.m3u8?token=" + expired))
        .satisfies(
            reply -> {
              assertThat(reply.status()).isEqualTo(401);
              assertThat(text(reply)).contains("expired").doesNotContain(expired);
            });
    assertThat(ask("/t/" + token("live/other") + "/live/show/master.m3u8"))
        .satisfies(
            reply -> {
              assertThat(reply.status()).isEqualTo(403);
              assertThat(text(reply)).contains("not for this path");
            });
    PlayKey stranger = PlayKey.generate(new SecureRandom());
    String forged = PlayToken.sign(stranger, "live/show", NOW.plusSeconds(60), null);
    assertThat(text(ask("/live/show/master.m3u8?token=" + forged))).contains("bad signature");
    assertThat(text(ask("/live/show/master.m3u8?token=x"))).contains("malformed");
  }

  @Test
  void aTokenOfAnotherStreamDoesNotOpenOneBehindIt() {
    String token = token("live/other");
    assertThat(ask("/t/" + token + "/t/" + token + "/live/show/a").status()).isNotEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/time",
        "/streams.json",
        "/ui/watch.js",
        "/watch/live/show",
        "/ui/vendor/hls.min.js",
        "/open/show/master.m3u8",
        "/t/x/open/show/master.m3u8"
      })
  void everythingElseIsOpen(String path) {
    assertThat(ask(path).status()).isEqualTo(200);
  }

  @Test
  void preflightsCarryNoToken() {
    assertThat(ask(exchange("/live/show/a").method("OPTIONS")).status()).isEqualTo(200);
  }

  @Test
  void anEdgeSignsForItself() {
    EdgeCredentials credentials =
        new EdgeCredentials(PlayGateTest::policy, InstantSource.fixed(NOW));
    var fields = credentials.apply("/live/sh%C3%B6w");
    assertThat(fields).hasSize(1);
    assertThat(
            ask(exchange("/live/sh%C3%B6w/a").with("authorization", fields.getFirst().value()))
                .status())
        .isEqualTo(200);
    assertThat(credentials.apply("/open/show")).isEmpty();
  }
}
