package io.millrace.server.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.media.StreamKey;
import io.millrace.server.config.WebhookConfig.OnError;
import io.millrace.server.webhook.Question.Action;
import io.millrace.server.webhook.WebhookStats.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class WebhookTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Decision ALLOWED = new Decision.Allowed();
  private static final Decision UNAVAILABLE = new Decision.Unavailable();

  private final FakeWebhook fake = new FakeWebhook();
  private final Webhook play = fake.open(Action.PLAY, FakeWebhook.config(OnError.REFUSE, MINUTE));

  private static Question question(
      Action action, @Nullable String secret, String ip, boolean again) {
    try {
      return new Question(
          action,
          new StreamKey("live", "show"),
          secret,
          "http2",
          InetAddress.getByName(ip),
          "",
          "Player/1",
          Map.of(),
          again);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Question viewer(@Nullable String token) {
    return question(Action.PLAY, token, "192.0.2.7", false);
  }

  private static CompletableFuture<Decision> ask(Webhook webhook, Question question) {
    return webhook.ask(question).toCompletableFuture();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 |                                 | yes",
        "204 |                                 | yes",
        "200 | {\"reason\":\"no\"}             | yes",
        "200 | {\"ladder\":\"cheap\"}          | yes, cheap",
        "200 | {\"a\":{\"ladder\":\"x\"}}      | yes",
        "401 | {\"reason\":\"no such key\"}    | no such key",
        "403 | {\"a\":[{}],\"detail\":\"geo\"} | geo",
        "403 | {\"message\":\"m\",\"reason\":\"r\"} | r",
        "403 | {\"reason\":\"r\",\"message\":\"m\"} | r",
        "403 | {\"reason\":5}                  | ''",
        "403 | {\"reason\":\"cut off           | ''",
        "404 | not here                        | not here",
        "400 |                                 | ''",
        "408 | later                           | nothing",
        "429 | later                           | nothing",
        "302 |                                 | nothing",
        "500 | {\"reason\":\"no\"}             | nothing",
      })
  void theStatusDecides(int status, @Nullable String content, String meaning) {
    String text = content == null ? "" : content;
    String found =
        switch (FakeWebhook.reply(status, text).meaning()) {
          case Reply.Meaning.Yes(String ladder) -> ladder == null ? "yes" : "yes, " + ladder;
          case Reply.Meaning.No(String reason) -> reason;
          case Reply.Meaning.None _ -> "nothing";
        };
    assertThat(found).isEqualTo(meaning);
  }

  @Test
  void aPageIsNoReasonAndAReasonIsPrintableAndShort() {
    Reply page = new Reply(403, "text/html", "<h1>no</h1>".getBytes());
    assertThat(page.meaning()).isEqualTo(new Reply.Meaning.No(""));
    String wild = "a\u0000b\r\nc\u2028d" + "x".repeat(1_000);
    assertThat(FakeWebhook.reply(403, wild).meaning())
        .isInstanceOfSatisfying(
            Reply.Meaning.No.class,
            no -> assertThat(no.reason()).startsWith("a b  c dxxx").hasSize(200));
  }

  @Test
  void whoAsksTheSameWaitsForTheSameAnswer() {
    List<CompletableFuture<Decision>> waiting = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      waiting.add(ask(play, viewer("t")));
    }
    assertThat(fake.count()).isEqualTo(1);
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    fake.answer(200, "");
    assertThat(waiting).allMatch(each -> each.join().equals(ALLOWED));
    assertThat(ask(play, viewer("t"))).isCompletedWithValue(ALLOWED);
    assertThat(fake.count()).isEqualTo(1);
    assertThat(fake.remembered).isEqualTo(1);
    assertThat(fake.alarms()).isZero();
  }

  @Test
  void aTokenIsGoodAnywhereAndAnAddressForItself() {
    var _ = ask(play, viewer("t"));
    fake.answer(200, "");
    assertThat(ask(play, question(Action.PLAY, "t", "192.0.2.8", false))).isDone();
    assertThat(ask(play, viewer("u"))).isNotDone();
    assertThat(ask(play, viewer(null))).isNotDone();
    fake.answer(200, "");
    assertThat(ask(play, viewer(null))).isDone();
    assertThat(ask(play, question(Action.PLAY, null, "192.0.2.8", false))).isNotDone();
    // A token that looks like an address is a token.
    assertThat(ask(play, viewer("192.0.2.7"))).isNotDone();
    assertThat(ask(play, viewer("@192.0.2.7"))).isNotDone();
  }

  @Test
  void anAnswerIsGoodForItsTimeAndARefusalForTenSeconds() {
    var _ = ask(play, viewer("yes"));
    fake.answer(200, "");
    var _ = ask(play, viewer("no"));
    fake.answer(403, "pay first");
    Decision refused = new Decision.Refused(403, "pay first");
    assertThat(ask(play, viewer("no"))).isCompletedWithValue(refused);
    fake.pass(Duration.ofSeconds(10));
    assertThat(play.known(viewer("no"))).isNull();
    assertThat(play.known(viewer("yes"))).isEqualTo(ALLOWED);
    fake.pass(Duration.ofMillis(49_999));
    assertThat(play.known(viewer("yes"))).isEqualTo(ALLOWED);
    fake.pass(Duration.ofMillis(1));
    assertThat(play.known(viewer("yes"))).isNull();
    assertThat(fake.count()).isEqualTo(2);
  }

  @Test
  void whoPlaysDoesNotWaitForAnAnswerToBeRenewed() {
    var _ = ask(play, viewer("token"));
    fake.answer(200, "");
    fake.pass(Duration.ofSeconds(44));
    assertThat(ask(play, viewer("token"))).isCompletedWithValue(ALLOWED);
    assertThat(fake.count()).isEqualTo(1);
    fake.pass(Duration.ofSeconds(1));
    assertThat(play.known(viewer("token"))).isEqualTo(ALLOWED);
    assertThat(fake.count()).as("questions, as known() leaves no trace").isEqualTo(1);
    assertThat(ask(play, viewer("token"))).isCompletedWithValue(ALLOWED);
    assertThat(ask(play, viewer("token"))).isCompletedWithValue(ALLOWED);
    assertThat(fake.count()).isEqualTo(2);
    fake.answer(403, "it is over");
    assertThat(ask(play, viewer("token")))
        .isCompletedWithValue(new Decision.Refused(403, "it is over"));
  }

  @Test
  void aWebhookThatIsDownTakesNoAnswerAwayBeforeItsTime() {
    var _ = ask(play, viewer("t"));
    fake.answer(200, "");
    fake.pass(Duration.ofSeconds(50));
    var _ = ask(play, viewer("t"));
    assertThat(fake.count()).isEqualTo(2);
    fake.answer(503, "");
    assertThat(ask(play, viewer("t"))).isCompletedWithValue(ALLOWED);
    assertThat(fake.count()).as("not asked again at once").isEqualTo(2);
    fake.pass(Duration.ofSeconds(1));
    assertThat(ask(play, viewer("t"))).isCompletedWithValue(ALLOWED);
    assertThat(fake.count()).isEqualTo(3);
    fake.answer(503, "");
    fake.pass(Duration.ofSeconds(9));
    CompletableFuture<Decision> after = ask(play, viewer("t"));
    assertThat(after).isNotDone();
    fake.asked.getLast().completeExceptionally(new IOException("connection refused"));
    assertThat(after).isCompletedWithValue(UNAVAILABLE);
    assertThat(ask(play, viewer("t"))).isCompletedWithValue(UNAVAILABLE);
    assertThat(fake.count()).isEqualTo(4);
    fake.pass(Duration.ofSeconds(1));
    assertThat(ask(play, viewer("t"))).isNotDone();
  }

  @Test
  void withoutAnAnswerInTimeTheConfigurationDecides() {
    CompletableFuture<Decision> refused = ask(play, viewer("t"));
    fake.pass(Duration.ofMillis(2_999));
    assertThat(refused).isNotDone();
    fake.pass(Duration.ofMillis(1));
    assertThat(refused).isCompletedWithValue(UNAVAILABLE);
    assertThat(fake.asked.getFirst()).as("the exchange").isCancelled();
    assertThat(fake.outcomes).isEqualTo(Map.of(Outcome.TIMEOUT, 1));

    FakeWebhook lenient = new FakeWebhook();
    Webhook allowing = lenient.open(Action.PLAY, FakeWebhook.config(OnError.ALLOW, MINUTE));
    CompletableFuture<Decision> allowed = ask(allowing, viewer("t"));
    lenient.pass(Duration.ofSeconds(3));
    assertThat(allowed).isCompletedWithValue(ALLOWED);
    lenient.pass(Duration.ofSeconds(1));
    assertThat(ask(allowing, viewer("t"))).as("asked again soon").isNotDone();
  }

  /** Each from an address of its own. */
  private static Question stranger(int i) {
    return question(Action.PLAY, "t" + i, "10.0." + i / 250 + "." + i % 250, false);
  }

  @Test
  void whatIsUnderWayIsBounded() {
    List<CompletableFuture<Decision>> all = new ArrayList<>();
    int most = Turns.AT_ONCE + Turns.WAITING;
    for (int i = 0; i < most; i++) {
      all.add(ask(play, stranger(i)));
    }
    assertThat(fake.count()).isEqualTo(Turns.AT_ONCE);
    assertThat(ask(play, stranger(most))).isCompletedWithValue(UNAVAILABLE);
    assertThat(fake.outcomes).isEqualTo(Map.of(Outcome.BUSY, 1));
    for (int i = 0; i < all.size(); i++) {
      fake.asked.get(i).complete(FakeWebhook.reply(200, ""));
    }
    assertThat(all).allMatch(each -> each.getNow(UNAVAILABLE).equals(ALLOWED));
    assertThat(fake.count()).isEqualTo(all.size());
    assertThat(fake.alarms()).isZero();
  }

  @Test
  void whoMakesTokensUpLeavesRoomForOthers() {
    for (int i = 0; i < 2 * (Turns.AT_ONCE + Turns.WAITING); i++) {
      var _ = ask(play, viewer("made up " + i));
    }
    assertThat(fake.outcomes.get(Outcome.BUSY))
        .isEqualTo(2 * (Turns.AT_ONCE + Turns.WAITING) - Shares.EACH);
    CompletableFuture<Decision> honest = ask(play, question(Action.PLAY, "t", "192.0.2.8", false));
    assertThat(honest).isNotDone();
    for (int i = 0; i <= Shares.EACH; i++) {
      fake.asked.get(i).complete(FakeWebhook.reply(i < Shares.EACH ? 403 : 200, ""));
    }
    assertThat(honest).isCompletedWithValue(ALLOWED);
    assertThat(ask(play, viewer("another"))).as("when its own are decided").isNotDone();
  }

  @Test
  void whatTimesOutGivesItsTurnBack() {
    for (int i = 0; i < Turns.AT_ONCE + 5; i++) {
      var _ = ask(play, viewer("t" + i));
    }
    fake.pass(Duration.ofSeconds(3));
    assertThat(fake.outcomes).isEqualTo(Map.of(Outcome.TIMEOUT, Turns.AT_ONCE + 5));
    assertThat(fake.asked).allMatch(CompletableFuture::isCancelled);
    int before = fake.count();
    for (int i = 0; i < Turns.AT_ONCE + 1; i++) {
      var _ = ask(play, viewer("u" + i));
    }
    assertThat(fake.count() - before).isEqualTo(Turns.AT_ONCE);
  }

  @Test
  void publishersAreAskedAboutEachTimeUnlessTheConfigurationSaysOtherwise() {
    Webhook each = fake.open(Action.PUBLISH, FakeWebhook.config(OnError.REFUSE, Duration.ZERO));
    Question question = question(Action.PUBLISH, "key", "192.0.2.7", false);
    for (int i = 1; i <= 2; i++) {
      CompletableFuture<Decision> decision = ask(each, question);
      assertThat(fake.count()).isEqualTo(i);
      fake.answer(200, "");
      assertThat(decision).isCompletedWithValue(ALLOWED);
    }
    assertThat(each.known(question)).isNull();

    Webhook kept = fake.open(Action.PUBLISH, FakeWebhook.config(OnError.REFUSE, MINUTE));
    var _ = ask(kept, question);
    fake.answer(200, "");
    assertThat(ask(kept, question)).isDone();
    assertThat(ask(kept, question(Action.PUBLISH, "key", "192.0.2.8", false)))
        .as("from elsewhere")
        .isNotDone();
    assertThat(ask(kept, question(Action.PUBLISH, "other", "192.0.2.7", false))).isNotDone();
    CompletableFuture<Decision> again =
        ask(kept, question(Action.PUBLISH, "key", "192.0.2.7", true));
    assertThat(again).as("asked again though known").isNotDone();
    assertThat(fake.questions.getLast()).contains("\"recheck\":true");
  }

  @Test
  void aReasonThatRepeatsTheKeyIsNotRepeated() {
    CompletableFuture<Decision> decision = ask(play, viewer("s3cret"));
    fake.answer(403, "no such key: s3cret");
    assertThat(decision).isCompletedWithValue(new Decision.Refused(403, ""));
  }

  @Test
  void theQuestionIsWhatOperatorsKnow() {
    Question question =
        new Question(
            Action.PUBLISH,
            new StreamKey("live", "show"),
            "k",
            "rtmp",
            loopback(),
            "rtmp-1",
            "OBS",
            Map.of("user", "u", "b", "c"),
            false);
    assertThat(new String(question.json()))
        .isEqualTo(
            "{\"action\":\"publish\",\"app\":\"live\",\"stream\":\"show\",\"path\":\"live/show\","
                + "\"protocol\":\"rtmp\",\"ip\":\"127.0.0.1\",\"id\":\"rtmp-1\",\"key\":\"k\","
                + "\"user_agent\":\"OBS\",\"query\":{\"b\":\"c\",\"user\":\"u\"}}");
    assertThat(new String(viewer("t").json()))
        .contains("\"action\":\"play\"", "\"token\":\"t\"", "\"protocol\":\"http2\"")
        .doesNotContain("\"id\"", "query", "recheck");
    assertThat(question.toString()).doesNotContain("k,", "OBS", "user");
  }

  private static InetAddress loopback() {
    return InetAddress.ofLiteral("127.0.0.1");
  }

  @Test
  void oneLineWhenItIsDownAndOneWhenItIsBack() {
    Logger logger = (Logger) LoggerFactory.getLogger(Webhook.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      for (String token : List.of("a", "b", "s3cret")) {
        var _ = ask(play, viewer(token));
        fake.asked.getLast().completeExceptionally(new IOException("Connection refused"));
      }
      var _ = ask(play, viewer("d"));
      fake.answer(403, "no");
      for (String token : List.of("e", "f", "g", "h")) { // comes and goes
        var _ = ask(play, viewer(token));
        fake.answer(token.equals("e") || token.equals("g") ? 500 : 200, "");
      }
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "webhook does not decide, who asks is refused until it does", "webhook decides again");
    assertThat(lines.list.getFirst().getKeyValuePairs().toString())
        .contains("play", "https://hook.example:8443", "Connection refused")
        .doesNotContain("password", "hidden", "s3cret");
    assertThat(lines.list.getLast().getKeyValuePairs().toString()).contains("undecided", "3");
  }
}
