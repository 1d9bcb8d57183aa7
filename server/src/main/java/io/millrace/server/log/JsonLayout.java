package io.millrace.server.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.LayoutBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.slf4j.event.KeyValuePair;

/**
 * One event in one JSON object and line: {@code time level logger thread message}, then the event's
 * own keys ({@code _} before one that has a name of these), then {@code error} and {@code stack}.
 */
final class JsonLayout extends LayoutBase<ILoggingEvent> {
  private static final int MAX_FRAMES = 64;
  private static final Set<String> TAKEN =
      Set.of("time", "level", "logger", "thread", "message", "error", "stack");

  private final JsonFactory json = new JsonFactory();

  @Override
  public String doLayout(ILoggingEvent event) {
    StringWriter line = new StringWriter(256);
    try (JsonGenerator out = json.createGenerator(line)) {
      out.writeStartObject();
      out.writeStringField("time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
      out.writeStringField("level", event.getLevel().toString());
      out.writeStringField("logger", event.getLoggerName());
      out.writeStringField("thread", event.getThreadName());
      out.writeStringField("message", Redactor.redact(event.getFormattedMessage()));
      List<KeyValuePair> pairs = event.getKeyValuePairs();
      if (pairs != null) {
        for (KeyValuePair pair : pairs) {
          out.writeFieldName(TAKEN.contains(pair.key) ? "_" + pair.key : pair.key);
          writeValue(out, pair);
        }
      }
      IThrowableProxy failure = event.getThrowableProxy();
      if (failure != null) {
        out.writeStringField("error", Redactor.redact(Failure.summary(failure)));
        out.writeStringField("stack", Failure.stack(failure, MAX_FRAMES));
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.append('\n').toString();
  }

  private static void writeValue(JsonGenerator out, KeyValuePair pair) throws IOException {
    if (Redactor.isSecret(pair.key)) {
      out.writeString(Redactor.MASK);
      return;
    }
    switch (pair.value) {
      case null -> out.writeNull();
      case Integer number -> out.writeNumber(number);
      case Long number -> out.writeNumber(number);
      case Double number -> out.writeNumber(number);
      case Float number -> out.writeNumber(number);
      case Boolean flag -> out.writeBoolean(flag);
      default -> out.writeString(Redactor.redact(String.valueOf(pair.value)));
    }
  }
}
