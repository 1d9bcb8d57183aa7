package io.millrace.server.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.millrace.server.webhook.Reply.Meaning.No;
import io.millrace.server.webhook.Reply.Meaning.None;
import io.millrace.server.webhook.Reply.Meaning.Yes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A webhook's answer, as it came: its status decides, and nothing in its content can make a yes out
 * of a no.
 *
 * @param contentType empty without one
 */
@SuppressWarnings("ArrayRecordComponent") // made, read once and dropped
record Reply(int status, String contentType, byte[] content) {
  private static final int MAX_REASON_CHARS = 200;
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(16)
                  .maxStringLength(8_192)
                  .maxNameLength(1_024)
                  .maxNumberLength(64)
                  .build())
          .build();

  /** What a reply means. */
  sealed interface Meaning {
    /**
     * @param ladder that it names; null without one
     */
    record Yes(@Nullable String ladder) implements Meaning {}

    /**
     * @param reason may be empty
     */
    record No(String reason) implements Meaning {}

    /**
     * It decides nothing.
     *
     * @param why for the log
     */
    record None(String why) implements Meaning {}
  }

  /**
   * 2xx is a yes and 4xx a no; but for those of 4xx that speak of the moment and not of who asks:
   * Request Timeout, Too Early, Too Many Requests (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4).
   */
  Meaning meaning() {
    if (status >= 200 && status < 300) {
      return new Yes(field("ladder"));
    }
    boolean moment = status == 408 || status == 425 || status == 429;
    return status >= 400 && status < 500 && !moment
        ? new No(printable(reason()))
        : new None("status " + status);
  }

  /** {@code reason}, {@code detail} (RFC 9457) or {@code message} of JSON, or plain text. */
  private String reason() {
    String text = new String(content, StandardCharsets.UTF_8);
    if (text.stripLeading().startsWith("{")) {
      String found = field("reason", "detail", "message");
      return found == null ? "" : found;
    }
    return contentType.startsWith("text/plain") ? text : "";
  }

  /**
   * A text among the answer's own fields: the first of {@code names}, or the one of the others that
   * comes first; null without one.
   */
  private @Nullable String field(String first, String... others) {
    String found = null;
    String text = new String(content, StandardCharsets.UTF_8);
    if (!text.stripLeading().startsWith("{")) {
      return null;
    }
    try (JsonParser parser = JSON.createParser(text)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        boolean wanted = name.equals(first) || found == null && List.of(others).contains(name);
        if (wanted && value == JsonToken.VALUE_STRING) {
          found = parser.getText();
        }
        parser.skipChildren();
      }
    } catch (IOException e) {
      return found; // what was whole before it broke
    }
    return found;
  }

  private static String printable(String text) {
    StringBuilder out = new StringBuilder();
    text.strip()
        .codePoints()
        .limit(MAX_REASON_CHARS)
        .forEach(
            c ->
                out.appendCodePoint(
                    Character.isISOControl(c)
                            || Character.getType(c) == Character.FORMAT
                            || Character.getType(c) == Character.SURROGATE
                            || c == 0x2028
                            || c == 0x2029
                        ? ' '
                        : c));
    return out.toString();
  }
}
