package io.millrace.server.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.media.StreamKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook is asked.
 *
 * @param secret the publisher's key or the viewer's token; null when it showed none
 * @param protocol {@code rtmp}, {@code rtmps}, {@code srt}, {@code obs}; a viewer's HTTP version
 * @param session of a publisher, as in the log; empty for a viewer
 * @param userAgent what the client calls itself; may be empty
 * @param parameters of a publisher's stream key or stream id but for the key; may hold secrets
 * @param again whether this is about a publisher that was allowed before and is on the air
 */
public record Question(
    Action action,
    StreamKey stream,
    @Nullable String secret,
    String protocol,
    InetAddress ip,
    String session,
    String userAgent,
    Map<String, String> parameters,
    boolean again) {
  private static final JsonFactory JSON = new JsonFactory();

  /** What somebody wants to do. */
  public enum Action {
    PUBLISH("key"),
    PLAY("token");

    private final String secretField;

    Action(String secretField) {
      this.secretField = secretField;
    }

    /** In lower case, for JSON and metrics. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Question {
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
  }

  /** As JSON in UTF-8. What has no value is left out. */
  byte[] json() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringField("action", action.word());
      json.writeStringField("app", stream.app());
      json.writeStringField("stream", stream.name());
      json.writeStringField("path", stream.toString());
      json.writeStringField("protocol", protocol);
      json.writeStringField("ip", ip.getHostAddress());
      text(json, "id", session);
      text(json, action.secretField, secret);
      text(json, "user_agent", userAgent);
      if (!parameters.isEmpty()) {
        json.writeObjectFieldStart("query");
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
          json.writeStringField(parameter.getKey(), parameter.getValue());
        }
        json.writeEndObject();
      }
      if (again) {
        json.writeBooleanField("recheck", true);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  private static void text(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null && !value.isEmpty()) {
      json.writeStringField(name, value);
    }
  }

  /** Shows no secret. */
  @Override
  public String toString() {
    return "Question[%s %s, %s, %s]".formatted(action.word(), stream, protocol, ip);
  }
}
