package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.av1.TemporalUnits;
import io.millrace.media.h264.AccessUnits;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.mp3.Mp3Frame;
import io.millrace.media.opus.OpusPackets;
import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.Map;

/**
 * Takes what an ingest makes of hostile bytes, and breaks where a packager would: a format comes
 * before the samples of its track and a change is one, decoding times strictly increase, payloads
 * are whole and of the form that {@link Sample} promises. Then hands the event on.
 */
final class EventLaws implements TrackSink {
  private final TrackSink next;
  private final Map<Integer, TrackFormat> formats = new HashMap<>();
  private final Map<Integer, Long> lastDtsTicks = new HashMap<>();
  private int samples;
  private long payloadBytes;

  EventLaws(TrackSink next) {
    this.next = next;
  }

  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case Format format -> format(format);
      case Sample sample -> sample(sample);
      case Cue cue -> {
        assertThat(samples).as("samples before a cue").isPositive();
        payloadBytes += cue.message().length;
      }
      case TrackEvent.Boundary _, TrackEvent.Discontinuity _, TrackEvent.End _ ->
          throw new AssertionError("not an ingest's: " + event);
    }
    next.accept(event);
  }

  /** Of all samples and cues. */
  long payloadBytes() {
    return payloadBytes;
  }

  private void format(Format event) {
    TrackFormat before = formats.put(event.track(), event.format());
    assertThat(event.format()).isNotEqualTo(before);
    assertThat(event.format().codecs()).matches("[A-Za-z0-9.]{3,64}");
    switch (event.format()) {
      case TrackFormat.Video video -> {
        assertThat(TrackEvent.isVideo(event.track())).isTrue();
        assertThat(video.width()).isPositive();
        assertThat(video.height()).isPositive();
        assertThat(video.rotation()).isIn(0, 90, 180, 270);
      }
      case TrackFormat.Audio audio -> {
        assertThat(TrackEvent.isVideo(event.track())).isFalse();
        assertThat(audio.sampleRate()).isPositive();
        assertThat(audio.channels()).isPositive();
        assertThat(audio.samplesPerFrame()).isPositive();
      }
      case TrackFormat.Text _ -> throw new AssertionError("publishers have no text tracks");
    }
    if (before != null && !before.timescale().equals(event.format().timescale())) {
      lastDtsTicks.remove(event.track());
    }
  }

  private void sample(Sample sample) {
    samples++;
    payloadBytes += sample.sizeBytes();
    assertThat(sample.payload().refCnt()).isPositive();
    assertThat(sample.sizeBytes()).isPositive();
    assertThat(sample.durationTicks()).isNotNegative();
    TrackFormat format = formats.get(sample.track());
    assertThat(format).as("format of track %d", sample.track()).isNotNull();
    Long before = lastDtsTicks.put(sample.track(), sample.dtsTicks());
    if (before != null) {
      assertThat(sample.dtsTicks()).isGreaterThan(before);
    }
    switch (format) {
      case TrackFormat.Video video -> picture(video, sample.payload());
      case TrackFormat.Audio audio -> {
        assertThat(sample.key()).isTrue();
        assertThat(sample.ptsTicks()).isEqualTo(sample.dtsTicks());
        sound(audio, sample.payload());
      }
      case TrackFormat.Text _ -> throw new AssertionError("publishers have no text tracks");
    }
  }

  private static void picture(TrackFormat.Video format, ByteBuf payload) {
    switch (format.codec()) {
      case H264 ->
          AccessUnits.check(payload, AvcConfiguration.parse(format.configuration()).lengthSize());
      case HEVC ->
          io.millrace.media.hevc.AccessUnits.check(
              payload, HevcConfiguration.parse(format.configuration()).lengthSize());
      case AV1 -> TemporalUnits.isKeyFrame(payload);
      case VP9 -> {}
    }
  }

  private static void sound(TrackFormat.Audio format, ByteBuf payload) {
    switch (format.codec()) {
      case MP3 -> {
        Mp3Frame frame = Mp3Frame.parse(payload, payload.readerIndex());
        assertThat(payload.readableBytes()).isEqualTo(frame.sizeBytes());
        assertThat(format.sampleRate()).isEqualTo(frame.sampleRate());
      }
      case OPUS -> OpusPackets.samples(payload);
      case AAC -> {}
    }
  }
}
