package io.millrace.server.ingest.obs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.media.Rational;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/** Writes the answer to OBS ({@code GoLiveApi::Config}). */
final class ConfigurationJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int LIVE_TRACK_ID = 1;
  private static final int VOD_TRACK_ID = 2;
  private static final int CHANNELS = 2;

  private interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  private ConfigurationJson() {}

  /** The configuration. */
  static byte[] success(
      ClientDescription client, String configId, List<PublishEndpoint> endpoints, Offer offer) {
    return render(
        json -> {
          json.writeStartObject();
          meta(json, client.schemaVersion(), configId);
          status(json, "success", "");
          json.writeArrayFieldStart("ingest_endpoints");
          for (PublishEndpoint endpoint : endpoints) {
            json.writeStartObject();
            json.writeStringField("protocol", endpoint.protocol());
            json.writeStringField("url_template", endpoint.url() + "/{stream_key}");
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeArrayFieldStart("encoder_configurations");
          for (Offer.Track track : offer.video()) {
            video(json, track);
          }
          json.writeEndArray();
          json.writeObjectFieldStart("audio_configurations");
          audio(json, "live", LIVE_TRACK_ID, offer.audioKbps());
          if (client.vodTrack()) {
            audio(json, "vod", VOD_TRACK_ID, offer.audioKbps());
          }
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  /**
   * A refusal, which OBS shows to the broadcaster as HTML.
   *
   * @param text plain; escaped here
   */
  static byte[] error(String schemaVersion, String text) {
    return render(
        json -> {
          json.writeStartObject();
          meta(json, schemaVersion, "");
          status(json, "error", text);
          json.writeEndObject();
        });
  }

  private static byte[] render(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(2048);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      writer.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  private static void meta(JsonGenerator json, String schemaVersion, String configId)
      throws IOException {
    json.writeObjectFieldStart("meta");
    json.writeStringField("service", "Millrace");
    json.writeStringField("schema_version", schemaVersion);
    json.writeStringField("config_id", configId);
    json.writeEndObject();
  }

  private static void status(JsonGenerator json, String result, String text) throws IOException {
    json.writeObjectFieldStart("status");
    json.writeStringField("result", result);
    if (!text.isEmpty()) {
      json.writeStringField("html_en_us", escaped(text));
    }
    json.writeEndObject();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static void video(JsonGenerator json, Offer.Track track) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", track.encoder());
    json.writeNumberField("width", track.width());
    json.writeNumberField("height", track.height());
    Rational rate = track.frameRate();
    json.writeObjectFieldStart("framerate");
    json.writeNumberField("numerator", rate.numerator());
    json.writeNumberField("denominator", rate.denominator());
    json.writeEndObject();
    json.writeStringField("gpu_scale_type", "OBS_SCALE_BICUBIC");
    settings(json, track.settings());
    json.writeNumberField("canvas_index", 0);
    json.writeEndObject();
  }

  private static void audio(JsonGenerator json, String name, int trackId, int kbps)
      throws IOException {
    json.writeArrayFieldStart(name);
    json.writeStartObject();
    json.writeStringField("codec", "aac");
    json.writeNumberField("track_id", trackId);
    json.writeNumberField("channels", CHANNELS);
    settings(json, Map.of("bitrate", kbps));
    json.writeEndObject();
    json.writeEndArray();
  }

  private static void settings(JsonGenerator json, Map<String, Object> settings)
      throws IOException {
    json.writeObjectFieldStart("settings");
    for (Map.Entry<String, Object> setting : settings.entrySet()) {
      switch (setting.getValue()) {
        case String text -> json.writeStringField(setting.getKey(), text);
        case Boolean bool -> json.writeBooleanField(setting.getKey(), bool);
        case Number number -> json.writeNumberField(setting.getKey(), number.longValue());
        default -> throw new IllegalArgumentException(setting.toString());
      }
    }
    json.writeEndObject();
  }
}
