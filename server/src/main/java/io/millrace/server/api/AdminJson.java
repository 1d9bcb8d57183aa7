package io.millrace.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.codec.EncoderOptions;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.WorkerStats;
import io.millrace.media.TrackFormat;
import io.millrace.packager.RenditionInfo;
import io.millrace.server.budget.CpuUse;
import io.millrace.server.config.ConfigProblem;
import io.millrace.server.live.PushStats;
import io.millrace.server.live.SubtitleCounts;
import io.millrace.server.record.RecordingStats;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The JSON of {@code /api/v1}. Times are RFC 3339, durations and sizes in base units. */
final class AdminJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final double NANOS = 1e-9;

  private interface Writer {
    void write(JsonGenerator json) throws IOException;
  }

  private AdminJson() {}

  static byte[] ladder(LadderEdit.Result.Changed changed) {
    return render(
        json -> {
          json.writeStartObject();
          json.writeStringField("ladder", changed.chosen() ? "chosen" : "configured");
          strings(json, "renditions", changed.renditions());
          json.writeEndObject();
        });
  }

  static byte[] reloaded(ReloadResult.Reloaded reloaded) {
    return render(
        json -> {
          json.writeStartObject();
          strings(json, "applied", reloaded.applied());
          strings(json, "needs_restart", reloaded.needsRestart());
          json.writeEndObject();
        });
  }

  private static void strings(JsonGenerator json, String name, List<String> values)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  /** Problem details (RFC 9457) with an extension, {@code errors}: a field and what is wrong. */
  static byte[] problems(int status, String title, List<ConfigProblem> problems) {
    return render(
        json -> {
          json.writeStartObject();
          json.writeStringField("type", "about:blank");
          json.writeStringField("title", title);
          json.writeNumberField("status", status);
          json.writeStringField(
              "detail",
              problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")));
          json.writeArrayFieldStart("errors");
          for (ConfigProblem problem : problems) {
            json.writeStartObject();
            json.writeStringField("field", problem.key());
            json.writeStringField("detail", problem.text());
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  static byte[] streams(List<StreamDetail> streams) {
    return render(
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("streams");
          for (StreamDetail stream : streams) {
            write(json, stream);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  static byte[] stream(StreamDetail stream) {
    return render(json -> write(json, stream));
  }

  static byte[] sessions(List<SessionDetail> sessions) {
    return render(
        json -> {
          json.writeStartObject();
          json.writeArrayFieldStart("sessions");
          for (SessionDetail session : sessions) {
            write(json, session);
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  static byte[] subtitles(Instant zero, SubtitleCounts counts) {
    return render(
        json -> {
          json.writeStartObject();
          json.writeStringField("at", zero.toString());
          json.writeNumberField("taken", counts.taken());
          json.writeNumberField("late", counts.late());
          json.writeEndObject();
        });
  }

  private static byte[] render(Writer writer) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      writer.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, StreamDetail stream) throws IOException {
    json.writeStartObject();
    json.writeStringField("path", stream.key().toString());
    json.writeStringField("state", stream.state());
    json.writeStringField("since", stream.since().toString());
    json.writeNumberField("reconnects", stream.reconnects());
    json.writeNumberField("viewers", stream.viewers());
    for (SessionDetail publisher : stream.publishers()) {
      if (publisher.onAir() || stream.publishers().size() == 1) {
        json.writeFieldName("publisher");
        write(json, publisher);
      }
    }
    json.writeArrayFieldStart("inputs");
    for (SessionDetail publisher : stream.publishers()) {
      write(json, publisher);
    }
    json.writeEndArray();
    json.writeNumberField("inputSwitches", stream.inputs().switches());
    json.writeStringField("lastSwitchReason", stream.inputs().lastReason());
    json.writeNumberField("signalLosses", stream.inputs().signalLosses());
    json.writeNumberField("filledSeconds", stream.inputs().filled().toMillis() / 1000.0);
    json.writeArrayFieldStart("renditions");
    for (RenditionInfo rendition : stream.renditions()) {
      write(json, rendition, stream);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("leftOut");
    for (Map.Entry<String, String> rung : stream.leftOut().entrySet()) {
      json.writeStartObject();
      json.writeStringField("name", rung.getKey());
      json.writeStringField("reason", rung.getValue());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("pushes");
    for (PushStats push : stream.pushes()) {
      write(json, push);
    }
    json.writeEndArray();
    if (stream.transcoder() != null) {
      write(json, stream.transcoder(), stream.cpu().decoder());
    }
    if (stream.worker() != null) {
      write(json, stream.worker());
    }
    if (stream.recording() != null) {
      write(json, stream.recording());
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, PushStats push) throws IOException {
    json.writeStartObject();
    json.writeStringField("target", push.target());
    json.writeStringField("state", push.state().name().toLowerCase(Locale.ROOT));
    json.writeStringField("reason", push.reason());
    json.writeStringField("since", push.since().toString());
    json.writeNumberField("bytesSent", push.bytes());
    json.writeNumberField("droppedSamples", push.droppedSamples());
    json.writeNumberField("drops", push.drops());
    json.writeNumberField("connections", push.connections());
    json.writeNumberField("failures", push.failures());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, WorkerStats worker) throws IOException {
    json.writeObjectFieldStart("worker");
    json.writeStringField("state", worker.state().name().toLowerCase(Locale.ROOT));
    json.writeNumberField("pid", worker.pid());
    json.writeNumberField("cpuSeconds", worker.cpuNs() * NANOS);
    json.writeNumberField("residentBytes", worker.rssBytes());
    json.writeNumberField("starts", worker.starts());
    json.writeObjectFieldStart("restarts");
    for (var reason : new TreeMap<>(worker.restarts()).entrySet()) {
      json.writeNumberField(reason.getKey(), reason.getValue());
    }
    json.writeEndObject();
    json.writeStringField("lastEnd", worker.reason());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, RecordingStats recording) throws IOException {
    json.writeObjectFieldStart("recording");
    json.writeStringField("current", recording.current());
    json.writeNumberField("bytes", recording.bytes());
    json.writeNumberField("started", recording.started());
    json.writeNumberField("lostSeconds", recording.lostSeconds());
    json.writeNumberField("errors", recording.errors());
    json.writeBooleanField("failed", recording.failed());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, SessionDetail session) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", session.id());
    json.writeStringField("protocol", session.protocol());
    json.writeStringField(
        "remote",
        session.remote().getAddress() == null
            ? session.remote().getHostString()
            : session.remote().getAddress().getHostAddress());
    json.writeStringField("stream", session.stream().toString());
    json.writeStringField("encoder", session.encoder());
    json.writeStringField("since", session.since().toString());
    json.writeNumberField("bytesReceived", session.bytesReceived());
    json.writeStringField("input", session.input().name().toLowerCase(Locale.ROOT));
    json.writeBooleanField("onAir", session.onAir());
    if (!session.statistics().isEmpty()) {
      json.writeObjectFieldStart("statistics");
      for (var figure : session.statistics().entrySet()) {
        if (figure.getValue() instanceof Double number) {
          json.writeNumberField(figure.getKey(), number);
        } else {
          json.writeNumberField(figure.getKey(), figure.getValue().longValue());
        }
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, RenditionInfo rendition, StreamDetail stream)
      throws IOException {
    TranscoderStats transcoder = stream.transcoder();
    json.writeStartObject();
    json.writeStringField("name", rendition.name());
    switch (rendition.format()) {
      case TrackFormat.Video video -> {
        json.writeStringField("codecs", video.codecs());
        json.writeNumberField("width", video.width());
        json.writeNumberField("height", video.height());
        if (video.frameRate() != null) {
          json.writeStringField("frameRate", video.frameRate().toString());
        }
      }
      case TrackFormat.Audio audio -> {
        json.writeStringField("codecs", audio.codecs());
        json.writeNumberField("sampleRate", audio.sampleRate());
        json.writeNumberField("channels", audio.channels());
      }
      case TrackFormat.Text text -> {
        json.writeStringField("codecs", text.codecs());
        json.writeStringField("language", rendition.spec().language());
      }
      case null -> {}
    }
    json.writeNumberField("averageBitrate", rendition.averageBitrateBps());
    json.writeNumberField("peakBitrate", rendition.peakBitrateBps());
    json.writeNumberField("lastSequence", rendition.lastSequence());
    json.writeNumberField("segments", rendition.segments());
    json.writeNumberField("gaps", rendition.gaps());
    json.writeNumberField("droppedSamples", rendition.droppedSamples());
    if (transcoder != null) {
      for (RungStats rung : transcoder.rungs()) {
        if (rung.name().equals(rendition.name())) {
          write(json, rung, stream.cpu().rungs().get(rung.name()));
        }
      }
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, RungStats rung, @Nullable CpuUse cpu)
      throws IOException {
    json.writeObjectFieldStart("encoder");
    json.writeStringField("engine", rung.engine());
    json.writeNumberField("realTimeFactor", Math.round(rung.realTimeFactor() * 100) / 100.0);
    json.writeNumberField("framesOut", rung.picturesOut());
    json.writeNumberField("framesDropped", rung.picturesDropped());
    json.writeNumberField("queue", rung.queueDepth());
    json.writeNumberField("cpuSeconds", rung.encodeCpuNs() * NANOS);
    if (cpu != null) {
      write(json, cpu);
    }
    json.writeStringField("preset", rung.preset());
    json.writeBooleanField("halfRate", rung.halfRate());
    if (rung.crf() != EncoderOptions.UNSET) {
      json.writeNumberField("crf", rung.crf());
    }
    if (rung.vmaf() != EncoderOptions.UNSET) {
      json.writeNumberField("vmaf", Math.round(rung.vmaf() * 10) / 10.0);
    }
    json.writeBooleanField("paused", rung.paused());
    json.writeBooleanField("failed", rung.failed());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, CpuUse cpu) throws IOException {
    json.writeNumberField("measuredCpu", thousandths(cpu.measuredCores()));
    if (cpu.predictedCores().isPresent()) {
      json.writeNumberField("predictedCpu", thousandths(cpu.predictedCores().getAsDouble()));
    }
  }

  private static double thousandths(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  private static void write(JsonGenerator json, TranscoderStats transcoder, CpuUse cpu)
      throws IOException {
    json.writeObjectFieldStart("decoder");
    json.writeNumberField("framesDecoded", transcoder.picturesDecoded());
    json.writeNumberField("samplesDamaged", transcoder.samplesDamaged());
    json.writeNumberField("decodeSeconds", transcoder.decodeNs() * NANOS);
    json.writeNumberField("scaleSeconds", transcoder.scaleNs() * NANOS);
    write(json, cpu);
    json.writeNumberField("pictureBytes", transcoder.pictureBytes());
    json.writeEndObject();
  }
}
