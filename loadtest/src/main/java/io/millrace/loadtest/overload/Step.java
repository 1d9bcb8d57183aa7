package io.millrace.loadtest.overload;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that the server has given up or taken back, as its log has it.
 *
 * @param atMs since the epoch, when it was logged
 * @param stream its name
 * @param what a rung, {@code faster} or {@code half-rate}
 * @param given false where it came back
 * @param reason in the server's words
 */
record Step(long atMs, String stream, String what, boolean given, String reason) {
  private static final JsonFactory JSON = new JsonFactory();

  /** Null for a line that is about something else. */
  static @Nullable Step parse(String line) {
    if (!line.startsWith("{")) {
      return null;
    }
    Map<String, String> fields = new HashMap<>();
    try (JsonParser parser = JSON.createParser(line)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() != JsonToken.FIELD_NAME && parser.currentName() != null) {
          fields.put(parser.currentName(), String.valueOf(parser.getText()));
        }
      }
    } catch (IOException e) {
      return null; // a line that is still being written, or a library's
    }
    String rung = fields.getOrDefault("rung", "");
    return switch (fields.getOrDefault("message", "")) {
      case "rung waits: there is no room for it yet", "rung given up: overload" ->
          of(fields, rung, true);
      case "rung taken back" -> of(fields, rung, false);
      case "faster presets: overload" -> of(fields, "faster", true);
      case "slower presets again" -> of(fields, "faster", false);
      case "half the frame rate: overload" -> of(fields, "half-rate", true);
      case "whole frame rate again" -> of(fields, "half-rate", false);
      default -> null;
    };
  }

  private static Step of(Map<String, String> fields, String what, boolean given) {
    return new Step(
        Instant.parse(fields.getOrDefault("time", "1970-01-01T00:00:00Z")).toEpochMilli(),
        fields.getOrDefault("stream", ""),
        what,
        given,
        fields.getOrDefault("message", "") + ": " + fields.getOrDefault("reason", ""));
  }
}
