package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Clips;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.ffmpeg.FfmpegAudioDecoder;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AudioRungTest {
  private static final Ladder AUDIO_ONLY = new Ladder(List.of(), AudioRung.aac(96_000));

  @ParameterizedTest
  @CsvSource({"1, 44100", "2, 48000", "2, 32000"})
  void reencodedAudioKeepsTimePitchAndBoundaries(int channels, int sampleRate) {
    RecordingSink clip = Clips.record(Clips.small().withAudio(channels, sampleRate), 4000);
    List<TrackEvent> events = Clips.live(clip);
    LadderRun run = LadderRun.of(AUDIO_ONLY, events);
    assertThat(run.failures).isEmpty();
    RecordingSink sink = run.sink("audio");
    TrackFormat.Audio format =
        (TrackFormat.Audio) sink.events(TrackEvent.Format.class).getFirst().format();
    assertThat(format.sampleRate()).isEqualTo(sampleRate);
    assertThat(format.channels()).isEqualTo(channels);
    List<TrackEvent.Sample> in = clip.samples(TrackEvent.AUDIO_TRACK);
    List<TrackEvent.Sample> out = sink.samples();
    assertThat(out).allMatch(sample -> sample.track() == TrackEvent.AUDIO_TRACK && sample.key());
    assertThat(out.getFirst().ptsTicks()).isEqualTo(in.getFirst().ptsTicks());
    assertThat(out.size()).isBetween(in.size() - 1, in.size() + 1);
    for (int i = 1; i < out.size(); i++) {
      assertThat(out.get(i).ptsTicks() - out.get(i - 1).ptsTicks()).isEqualTo(1024);
    }
    checkBoundaries(events, sink, format);
    assertThat(hertz(format, out)).isBetween(430.0, 450.0);
    assertThat(run.transcoder.stats().nativeHandles()).isZero();
  }

  private static void checkBoundaries(
      List<TrackEvent> events, RecordingSink sink, TrackFormat.Audio format) {
    List<TrackEvent> out = sink.events();
    List<TrackEvent.Boundary> expected = new ArrayList<>();
    events.forEach(
        event -> {
          if (event instanceof TrackEvent.Boundary boundary) {
            expected.add(boundary);
          }
        });
    assertThat(sink.boundaries()).isEqualTo(expected);
    for (TrackEvent.Boundary boundary : expected) {
      int at = out.indexOf(boundary);
      for (int i = 0; i < out.size(); i++) {
        if (out.get(i) instanceof TrackEvent.Sample sample) {
          long ticks = format.timescale().rescale(sample.ptsTicks(), Timescale.VIDEO);
          assertThat(ticks >= boundary.startTicks()).isEqualTo(i > at);
        }
      }
    }
  }

  /** Counts zero crossings from 1.0 to 1.5 s, between two beeps (at 0.75 and 1.75 s). */
  private static double hertz(TrackFormat.Audio format, List<TrackEvent.Sample> samples) {
    NativeAccount account = new NativeAccount();
    List<Float> pcm = new ArrayList<>();
    try (FfmpegAudioDecoder decoder =
        new FfmpegAudioDecoder(format, format.sampleRate(), 1, account)) {
      for (TrackEvent.Sample sample : samples) {
        decoder.decode(
            sample,
            (channels, count, ptsTicks) -> {
              for (int i = 0; i < count; i++) {
                pcm.add(channels[0][i]);
              }
            });
      }
    }
    assertThat(account.handles()).isZero();
    int crossings = 0;
    int from = format.sampleRate();
    int to = format.sampleRate() * 15 / 10;
    for (int i = from; i < to; i++) {
      crossings += pcm.get(i - 1) < 0 && pcm.get(i) >= 0 ? 1 : 0;
    }
    return crossings / 0.5;
  }

  @Test
  void lostAudioBecomesSilenceAndTimeGoesOn() {
    RecordingSink clip = Clips.record(Clips.small().withAudio(2, 48_000), 3000);
    List<TrackEvent> events = new ArrayList<>();
    int number = 0;
    for (TrackEvent event : Clips.live(clip)) {
      boolean lost =
          event instanceof TrackEvent.Sample sample
              && sample.track() == TrackEvent.AUDIO_TRACK
              && number++ / 20 == 2;
      if (!lost) {
        events.add(event);
      }
    }
    RecordingSink sink = LadderRun.of(AUDIO_ONLY, events).sink("audio");
    List<TrackEvent.Sample> in = clip.samples(TrackEvent.AUDIO_TRACK);
    List<TrackEvent.Sample> out = sink.samples();
    assertThat(out.size()).isBetween(in.size() - 1, in.size() + 1);
    for (int i = 1; i < out.size(); i++) {
      assertThat(out.get(i).ptsTicks() - out.get(i - 1).ptsTicks()).isEqualTo(1024);
    }
  }
}
