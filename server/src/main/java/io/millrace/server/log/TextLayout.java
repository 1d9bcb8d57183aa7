package io.millrace.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.LayoutBase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;

/**
 * One event in one line:
 *
 * <pre>
 * 2026-11-21T01:02:03.456Z INFO  publisher connected stream=live/a remote=192.0.2.7
 * </pre>
 *
 * A value with a space, {@code =} or quote in it stands in double quotes; control characters
 * everywhere are escaped, so that no peer can write a line of its own.
 */
final class TextLayout extends LayoutBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final int MAX_FRAMES = 12;
  private static final String OWN = "io.millrace.";

  @Override
  public String doLayout(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), line);
    String level = event.getLevel().toString();
    line.append(' ').append(level).repeat(' ', Math.max(0, 5 - level.length())).append(' ');
    escape(line, Redactor.redact(event.getFormattedMessage()), false);
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      for (KeyValuePair pair : pairs) {
        append(line, pair.key, String.valueOf(pair.value));
      }
    }
    if (!event.getLoggerName().startsWith(OWN) || !event.getLevel().isGreaterOrEqual(Level.INFO)) {
      append(line, "logger", event.getLoggerName());
    }
    IThrowableProxy failure = event.getThrowableProxy();
    if (failure != null) {
      append(line, "error", Failure.summary(failure));
      append(line, "at", Failure.stack(failure, MAX_FRAMES));
    }
    return line.append('\n').toString();
  }

  private static void append(StringBuilder line, String name, String value) {
    line.append(' ');
    escape(line, name, false);
    line.append('=');
    String shown = Redactor.isSecret(name) ? Redactor.MASK : Redactor.redact(value);
    boolean quote = shown.isEmpty() || shown.chars().anyMatch(TextLayout::needsQuotes);
    if (quote) {
      line.append('"');
    }
    escape(line, shown, quote);
    if (quote) {
      line.append('"');
    }
  }

  private static boolean needsQuotes(int c) {
    return c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F;
  }

  private static void escape(StringBuilder line, String text, boolean quoted) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\n' -> line.append("\\n");
        case '\r' -> line.append("\\r");
        case '\t' -> line.append("\\t");
        case '"' -> line.append(quoted ? "\\\"" : "\"");
        case '\\' -> line.append(quoted ? "\\\\" : "\\");
        default -> {
          if (isUnsafe(c)) {
            line.append("\\u%04x".formatted((int) c));
          } else {
            line.append(c);
          }
        }
      }
    }
  }

  /** Control and format characters and line separators: they move cursors or break lines. */
  private static boolean isUnsafe(char c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
