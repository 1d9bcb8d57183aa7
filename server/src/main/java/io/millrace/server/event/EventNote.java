package io.millrace.server.event;

import io.millrace.media.StreamKey;
import io.millrace.server.log.Redactor;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What is told about an event, once, for the log and for those who listen: the same words and the
 * same figures. Confined to whoever makes it.
 */
public final class EventNote {
  private static final int MAX_TEXT_CHARS = 1_000;

  private final EventType type;
  private final Level level;
  private final @Nullable StreamKey stream;
  private final String message;
  private final Map<String, Object> said = new LinkedHashMap<>();
  private @Nullable Throwable cause;

  private EventNote(EventType type, Level level, @Nullable StreamKey stream, String message) {
    this.type = type;
    this.level = level;
    this.stream = stream;
    this.message = message;
  }

  /**
   * @param stream null where it is about none
   * @param message for a person, without names and figures, which are data
   */
  public static EventNote info(EventType type, @Nullable StreamKey stream, String message) {
    return new EventNote(type, Level.INFO, stream, message);
  }

  /** Something that an operator should look at some day. */
  public static EventNote warn(EventType type, @Nullable StreamKey stream, String message) {
    return new EventNote(type, Level.WARN, stream, message);
  }

  /** Something that viewers miss. */
  public static EventNote error(EventType type, @Nullable StreamKey stream, String message) {
    return new EventNote(type, Level.ERROR, stream, message);
  }

  /**
   * Adds a name and a value.
   *
   * @param value no secret
   */
  public EventNote with(String name, Object value) {
    said.put(name, value);
    return this;
  }

  /** What was thrown: the log has it whole, and who listens does not. */
  public EventNote causedBy(Throwable thrown) {
    cause = thrown;
    return this;
  }

  /** Writes the line. */
  void log(Logger log) {
    LoggingEventBuilder line = log.atLevel(level);
    if (stream != null) {
      line = line.addKeyValue("stream", stream);
    }
    for (Map.Entry<String, Object> pair : said.entrySet()) {
      line = line.addKeyValue(pair.getKey(), pair.getValue());
    }
    if (cause != null) {
      line = line.setCause(cause);
    }
    line.log(message);
  }

  EventType type() {
    return type;
  }

  Level level() {
    return level;
  }

  @Nullable StreamKey stream() {
    return stream;
  }

  String message() {
    return message;
  }

  /** Strings, numbers and booleans, by name. */
  Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>();
    said.forEach(
        (name, value) -> data.put(name, Redactor.isSecret(name) ? Redactor.MASK : scalar(value)));
    return data;
  }

  private static Object scalar(Object value) {
    return switch (value) {
      case Double number when !Double.isFinite(number) -> String.valueOf(number);
      case Number number -> number;
      case Boolean truth -> truth;
      case Collection<?> all ->
          text(all.stream().map(String::valueOf).collect(Collectors.joining(", ")));
      default -> text(String.valueOf(value));
    };
  }

  private static String text(String whole) {
    String safe = Redactor.redact(whole);
    return safe.length() <= MAX_TEXT_CHARS ? safe : safe.substring(0, MAX_TEXT_CHARS) + "…";
  }
}
