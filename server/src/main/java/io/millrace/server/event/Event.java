package io.millrace.server.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.media.StreamKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * Something that has happened. Immutable.
 *
 * @param number one more than that of the event before; the first is 1
 * @param id the number, and which process has counted it
 * @param stream null where it is about none
 * @param data strings, numbers and booleans
 */
public record Event(
    long number,
    String id,
    Instant time,
    EventType type,
    Level level,
    @Nullable StreamKey stream,
    String message,
    Map<String, Object> data) {
  private static final JsonFactory JSON = new JsonFactory();

  public Event {
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  /**
   * As an event of a stream of events (WHATWG HTML, "Server-sent events", §9.2.6 "Interpreting an
   * event stream"), in UTF-8. It has no name, so that {@code onmessage} gets all of them; the type
   * stands in the JSON.
   *
   * <pre>
   * id: PROCESS-NUMBER LF
   * data: {"id":…,"time":…,"type":…,"level":…,"stream":…,"message":…,"data":{…}} LF
   * LF
   * </pre>
   */
  byte[] toBytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    out.writeBytes(("id: " + id + "\ndata: ").getBytes(StandardCharsets.UTF_8));
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("id", id);
      json.writeStringField("time", time.toString());
      json.writeStringField("type", type.word());
      json.writeStringField("level", level.name().toLowerCase(Locale.ROOT));
      if (stream != null) {
        json.writeStringField("stream", stream.toString());
      }
      json.writeStringField("message", message);
      json.writeObjectFieldStart("data");
      for (Map.Entry<String, Object> pair : data.entrySet()) {
        json.writeFieldName(pair.getKey());
        switch (pair.getValue()) {
          case Boolean truth -> json.writeBoolean(truth);
          case Double number -> json.writeNumber(number);
          case Float number -> json.writeNumber(number);
          case Number number -> json.writeNumber(number.longValue());
          default -> json.writeString(String.valueOf(pair.getValue()));
        }
      }
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    out.writeBytes(new byte[] {'\n', '\n'});
    return out.toByteArray();
  }
}
