package io.millrace.server.origin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.media.TrackFormat;
import io.millrace.packager.RenditionInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * {@code /streams.json}: what is live, for the index page; nothing about publishers or viewers but
 * a count.
 */
final class StreamsJson {
  private static final JsonFactory JSON = new JsonFactory();

  private StreamsJson() {}

  static byte[] render(StreamDirectory directory, Viewers viewers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeArrayFieldStart("streams");
      for (StreamDirectory.Listed stream : directory.list()) {
        stream(json, stream, viewers.count(stream.key()));
      }
      json.writeEndArray();
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void stream(JsonGenerator json, StreamDirectory.Listed stream, long viewers)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("path", stream.key().toString());
    json.writeStringField("since", stream.since().toString());
    json.writeNumberField("viewers", viewers);
    boolean first = true;
    for (RenditionInfo rendition : stream.presentation().renditions()) {
      if (first && rendition.format() instanceof TrackFormat.Video video) {
        first = false;
        json.writeObjectFieldStart("video");
        size(json, video);
        json.writeEndObject();
      }
    }
    json.writeArrayFieldStart("renditions");
    for (RenditionInfo rendition : stream.presentation().renditions()) {
      json.writeStartObject();
      json.writeStringField("name", rendition.name());
      json.writeNumberField("bitrate", rendition.averageBitrateBps());
      switch (rendition.format()) {
        case TrackFormat.Video video -> {
          json.writeStringField("codec", video.codecs());
          size(json, video);
        }
        case TrackFormat.Audio audio -> {
          json.writeStringField("codec", audio.codecs());
          json.writeNumberField("sampleRate", audio.sampleRate());
          json.writeNumberField("channels", audio.channels());
        }
        case null -> {}
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void size(JsonGenerator json, TrackFormat.Video video) throws IOException {
    json.writeNumberField("width", video.width());
    json.writeNumberField("height", video.height());
    if (video.frameRate() != null) {
      json.writeNumberField("frameRate", Math.round(video.frameRate().toDouble() * 1000) / 1000.0);
    }
  }
}
