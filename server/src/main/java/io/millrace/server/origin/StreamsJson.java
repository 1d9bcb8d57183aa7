package io.millrace.server.origin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.media.TrackFormat;
import io.millrace.packager.Document;
import io.millrace.packager.RenditionInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /streams.json}: what is live, for the index page; nothing about publishers or viewers but
 * a count. Thread-safe.
 */
final class StreamsJson {
  private static final JsonFactory JSON = new JsonFactory();

  private static final long FRESH_NS = 1_000_000_000L;

  private record Rendered(long atNs, Document document) {}

  private final StreamDirectory directory;
  private final Viewers viewers;
  private final InstantSource clock;
  private final LongSupplier clockNs;
  private @Nullable Rendered latest;

  StreamsJson(
      StreamDirectory directory, Viewers viewers, InstantSource clock, LongSupplier clockNs) {
    this.directory = directory;
    this.viewers = viewers;
    this.clock = clock;
    this.clockNs = clockNs;
  }

  /** The list, rendered at most once a second, however many ask. */
  synchronized Document document() {
    long nowNs = clockNs.getAsLong();
    Rendered known = latest;
    if (known == null || nowNs - known.atNs >= FRESH_NS) {
      byte[] json = render();
      String etag = '"' + Integer.toHexString(Arrays.hashCode(json)) + '"';
      known = new Rendered(nowNs, new Document("application/json", json, etag, clock.instant()));
      latest = known;
    }
    return known.document;
  }

  private byte[] render() {
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
        case TrackFormat.Text text -> {
          json.writeStringField("codec", text.codecs());
          json.writeStringField("language", rendition.spec().language());
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
