package io.millrace.server.ingest;

import io.millrace.media.TextMessage;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An RTMP publisher's data messages into cues. Their times are those of the messages, on the clock
 * of the picture, or of the sound where there is none: this looks at what passes to know it.
 *
 * <p>{@code onTextData} is text to show: {@code text}, with {@code language} or {@code lang} (ISO
 * 639 or RFC 5646) where the encoder has one; ffmpeg and captioning gateways send it. {@code
 * onCuePoint} and {@code onAdCue} are {@link CuePoints}.
 */
final class DataIngest implements TrackSink {
  /** 30 s: a message further from the media has no time of its own; some encoders always say 0. */
  private static final int MAX_DISTANCE_MS = 30_000;

  private static final int MAX_LANGUAGE_CHARS = 35;
  private static final int MAX_TEXT_CHARS = 4_000;

  private final TrackSink sink;
  private @Nullable Timescale sound;
  private boolean pictures;
  private boolean placed;
  private long messageMs;
  private long placedMs;
  private long placedTicks;

  /**
   * @param sink takes the events
   */
  DataIngest(TrackSink sink) {
    this.sink = sink;
  }

  /** What is accepted next came with a message of this time. */
  void at(long timestampMs) {
    messageMs = timestampMs;
  }

  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case Format format when format.track() == TrackEvent.AUDIO_TRACK ->
          sound = format.format().timescale();
      case Sample sample when sample.track() == TrackEvent.VIDEO_TRACK -> {
        pictures = true;
        place(sample.dtsTicks());
      }
      case Sample sample when sample.track() == TrackEvent.AUDIO_TRACK && sound != null -> {
        if (!pictures) {
          place(sound.rescale(sample.ptsTicks(), Timescale.VIDEO));
        }
      }
      case Format _, Sample _, Boundary _, Cue _, Discontinuity _, End _ -> {}
    }
    sink.accept(event);
  }

  private void place(long ticks) {
    placed = true;
    placedMs = messageMs;
    placedTicks = ticks;
  }

  /**
   * Takes a message.
   *
   * @param timestampMs 32 bits as on the wire
   * @param said its object, plain values
   */
  void data(String name, long timestampMs, Map<String, Object> said) {
    if (!placed) {
      return; // nothing to be timed by
    }
    int distanceMs = (int) (timestampMs - placedMs);
    long offsetMs = Math.abs((long) distanceMs) > MAX_DISTANCE_MS ? 0 : distanceMs;
    long ticks = Math.max(0, placedTicks + Timescale.MILLIS.rescale(offsetMs, Timescale.VIDEO));
    if (name.equals("onTextData")) {
      if (said.get("text") instanceof String text) {
        sink.accept(new TextMessage(language(said), cut(text, MAX_TEXT_CHARS)).at(ticks));
      }
      return;
    }
    Cue cue = CuePoints.cue(name, due(ticks, timestampMs, said), said);
    if (cue != null) {
      sink.accept(cue);
    }
  }

  /** Cue points say {@code time} in seconds where they are sent ahead of it. */
  private static long due(long ticks, long timestampMs, Map<String, Object> said) {
    if (said.get("time") instanceof Double seconds) {
      double aheadMs = seconds * 1_000 - timestampMs;
      if (aheadMs > 0 && aheadMs <= MAX_DISTANCE_MS) {
        return ticks + Timescale.MILLIS.rescale(Math.round(aheadMs), Timescale.VIDEO);
      }
    }
    return ticks;
  }

  private static String language(Map<String, Object> said) {
    Object language = said.containsKey("language") ? said.get("language") : said.get("lang");
    return language instanceof String tag ? cut(tag, MAX_LANGUAGE_CHARS) : "";
  }

  private static String cut(String text, int maxChars) {
    return text.length() <= maxChars ? text : text.substring(0, maxChars);
  }
}
