package io.millrace.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.media.StreamKey;
import io.millrace.server.auth.CheapHashes;
import io.millrace.server.auth.PublishKeys;
import io.millrace.server.auth.PublishKeys.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class LayoutTest {
  private static final Pattern TIME = Pattern.compile("^\\d{4}-\\d\\d-\\d\\dT[\\d:]{8}\\.\\d{3}Z ");

  @Test
  void anEventIsOneLineOfKeysAndValues() {
    String line =
        text(
            log ->
                log.atInfo()
                    .addKeyValue("stream", "live/a")
                    .addKeyValue("bytes", 12L)
                    .addKeyValue("reason", "went away")
                    .log("publisher ended"));
    assertThat(line)
        .containsPattern(TIME)
        .endsWith("Z INFO  publisher ended stream=live/a bytes=12 reason=\"went away\"\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "plain/1.2:3|plain/1.2:3",
        "a b|\"a b\"",
        "a=b|\"a=b\"",
        "a\"b|\"a\\\"b\"",
        "a\\b|\"a\\\\b\"",
        "``|\"\"",
        "ü|ü",
      })
  void valuesAreQuotedWhereTheyMustBe(String value, String shown) {
    assertThat(text(log -> log.atInfo().addKeyValue("k1", value).log("m")))
        .endsWith(" k1=" + shown + "\n");
  }

  @Test
  void noPeerCanWriteALineOfItsOwn() {
    String hostile = "x\nERROR forged\r\u001b[31m\u0000\u2028\u202e";
    String line = text(log -> log.atInfo().addKeyValue(hostile, hostile).log(hostile));
    assertThat(line).endsWith("\n").containsOnlyOnce("\n");
    assertThat(line)
        .contains("\\nERROR")
        .contains("\\u001b")
        .doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f\\x7f\\u2028\\u202e]");
    String json = json(log -> log.atInfo().addKeyValue("k", hostile).log(hostile));
    assertThat(json).endsWith("\n").containsOnlyOnce("\n").doesNotContain("\u001b");
  }

  @Test
  void aFailureIsOnTheSameLineWithItsCauses() {
    String line =
        text(
            log ->
                log.atError()
                    .setCause(new IllegalStateException("outer\n", new IOException("inner")))
                    .log("broken"));
    assertThat(line)
        .contains("ERROR broken error=\"java.lang.IllegalStateException: outer\\n, caused by ")
        .contains("java.io.IOException: inner\" at=\"io.millrace.server.log.LayoutTest")
        .containsOnlyOnce("\n");
  }

  @Test
  void jsonHasTypesAndKeepsTheEventsOwnKeysApart() throws IOException {
    String line =
        json(
            log ->
                log.atWarn()
                    .addKeyValue("bytes", 12L)
                    .addKeyValue("on", true)
                    .addKeyValue("none", (Object) null)
                    .addKeyValue("level", "mine")
                    .setCause(new IOException("gone"))
                    .log("a \"b\""));
    Map<String, String> fields = fields(line);
    assertThat(fields)
        .containsEntry("level", "WARN")
        .containsEntry("message", "a \"b\"")
        .containsEntry("bytes", "VALUE_NUMBER_INT 12")
        .containsEntry("on", "VALUE_TRUE true")
        .containsEntry("none", "VALUE_NULL null")
        .containsEntry("_level", "mine")
        .containsEntry("error", "java.io.IOException: gone")
        .containsKeys("time", "logger", "thread", "stack");
  }

  @Test
  void whatIsNamedASecretIsMasked() {
    Consumer<Logger> event =
        log ->
            log.atInfo()
                .addKeyValue("path", "/t/" + "SeCrEt".repeat(8) + "/live/a/x")
                .addKeyValue("url", "rtmp://h/live/a?key=SeCrEt&x=1")
                .addKeyValue("key", "SeCrEt")
                .addKeyValue("Token", "SeCrEt")
                .log("connect token=SeCrEt");
    assertThat(text(event))
        .doesNotContain("SeCrEt")
        .contains("connect token=***")
        .contains("url=\"rtmp://h/live/a?key=***&x=1\"")
        .contains("/t/***/live/a/x");
    assertThat(json(event)).doesNotContain("SeCrEt");
  }

  @Test
  void refusedPublishersLeaveALineWithoutTheirKey() throws Exception {
    String right = "correct-horse-battery";
    String wrong = "incorrect-horse-battery";
    List<ILoggingEvent> events = new ArrayList<>();
    StreamKey stream = new StreamKey("live", "a");
    InetAddress source = InetAddress.getByName("192.0.2.1");
    try (PublishKeys keys =
            new PublishKeys(
                _ -> List.of(CheapHashes.of(right)), CheapHashes.of("first"), System::nanoTime);
        Capture capture = new Capture(PublishKeys.class, events)) {
      assertThat(keys.authorize(stream, wrong, source).toCompletableFuture().join())
          .isEqualTo(Verdict.KEY_WRONG);
      assertThat(keys.authorize(stream, right, source).toCompletableFuture().join())
          .isEqualTo(Verdict.ALLOWED);
      assertThat(keys.authorize(stream, null, source).toCompletableFuture().join())
          .isEqualTo(Verdict.KEY_MISSING);
      assertThat(
              keys.authorize(stream, wrong + "x".repeat(600), source).toCompletableFuture().join())
          .isEqualTo(Verdict.KEY_WRONG);
    }
    TextLayout layout = new TextLayout();
    String log = String.join("", events.stream().map(layout::doLayout).toList());
    assertThat(log)
        .contains("publish refused stream=live/a remote=192.0.2.1 reason=\"wrong key\"")
        .contains("reason=\"this stream needs a key\"")
        .doesNotContain("horse")
        .doesNotContain("argon2id");
    assertThat(events).hasSize(3);
  }

  private static String text(Consumer<Logger> event) {
    return new TextLayout().doLayout(record(event));
  }

  private static String json(Consumer<Logger> event) {
    return new JsonLayout().doLayout(record(event));
  }

  private static ILoggingEvent record(Consumer<Logger> event) {
    List<ILoggingEvent> events = new ArrayList<>();
    try (Capture capture = new Capture(LayoutTest.class, events)) {
      event.accept(LoggerFactory.getLogger(LayoutTest.class));
    }
    assertThat(events).hasSize(1);
    return events.getFirst();
  }

  private static Map<String, String> fields(String line) throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    try (JsonParser in = new JsonFactory().createParser(line)) {
      assertThat(in.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
        JsonToken token = in.nextToken();
        String value = in.getText();
        String before =
            fields.put(name, token == JsonToken.VALUE_STRING ? value : token + " " + value);
        assertThat(before).as("%s twice", name).isNull();
      }
      assertThat(in.currentToken()).isEqualTo(JsonToken.END_OBJECT);
    }
    return fields;
  }

  /** Takes the events of one logger in place of the console. */
  private static final class Capture implements AutoCloseable {
    private final ch.qos.logback.classic.Logger logger;
    private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
    private final List<ILoggingEvent> events;

    Capture(Class<?> source, List<ILoggingEvent> events) {
      this.events = events;
      logger = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger(source);
      logger.setAdditive(false);
      logger.setLevel(Level.ALL);
      appender.start();
      logger.addAppender(appender);
    }

    @Override
    public void close() {
      logger.detachAppender(appender);
      logger.setAdditive(true);
      logger.setLevel(null);
      events.addAll(appender.list);
    }
  }
}
