package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.Clips;
import io.millrace.codec.CodedClip;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.ffmpeg.FfmpegAudioDecoder;
import io.millrace.media.AudioCodec;
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

  @ParameterizedTest
  @CsvSource({"1, 44100", "2, 48000"})
  void opusKeepsTimePitchAndBoundaries(int channels, int sampleRate) {
    RecordingSink clip = Clips.record(Clips.small().withAudio(channels, sampleRate), 4000);
    List<TrackEvent> events = Clips.live(clip);
    LadderRun run = LadderRun.of(new Ladder(List.of(), AudioRung.opus(64_000)), events);
    assertThat(run.failures).isEmpty();
    RecordingSink sink = run.sink("audio");
    TrackFormat.Audio format =
        (TrackFormat.Audio) sink.events(TrackEvent.Format.class).getFirst().format();
    assertThat(format.codec()).isEqualTo(AudioCodec.OPUS);
    assertThat(format.sampleRate()).isEqualTo(48_000);
    assertThat(format.channels()).isEqualTo(channels);
    List<TrackEvent.Sample> out = sink.samples();
    assertThat(out.size()).isBetween(195, 202);
    for (int i = 1; i < out.size(); i++) {
      assertThat(out.get(i).ptsTicks() - out.get(i - 1).ptsTicks()).isEqualTo(960);
    }
    checkBoundaries(events, sink, format);
    assertThat(hertz(format, out)).isBetween(430.0, 450.0);
    assertThat(run.transcoder.stats().nativeHandles()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"AAC", "OPUS"})
  void aLoudnessIsReachedInTheRung(AudioCodec codec) {
    int rate = 48_000;
    CodedClip quiet =
        CodedClip.sound("aac", rate, 2, 8000, at -> 0.01 * Math.sin(2 * Math.PI * 997 * at / rate));
    RecordingSink source = new RecordingSink();
    source.accept(new TrackEvent.Format(TrackEvent.AUDIO_TRACK, quiet.format()));
    quiet.samples().forEach(source::accept);
    List<TrackEvent> events = new ArrayList<>(Clips.record(Clips.small(), 100).events());
    events.removeIf(event -> !(event instanceof TrackEvent.Format));
    events.addAll(Clips.live(source));
    AudioRung rung = new AudioRung(false, codec, 96_000, -23.0);
    RecordingSink sink = LadderRun.of(new Ladder(List.of(), rung), events).sink("audio");
    TrackFormat.Audio format =
        (TrackFormat.Audio) sink.events(TrackEvent.Format.class).getFirst().format();
    List<Float> pcm = new ArrayList<>();
    NativeAccount account = new NativeAccount();
    try (FfmpegAudioDecoder decoder = new FfmpegAudioDecoder(format, rate, 2, account)) {
      for (TrackEvent.Sample sample : sink.samples()) {
        decoder.decode(
            sample,
            (channels, count, ptsTicks) -> {
              for (int i = 0; i < count; i++) {
                pcm.add(channels[0][i]);
              }
            });
      }
    }
    double square = 0;
    for (int i = 3 * rate; i < 5 * rate; i++) {
      square += pcm.get(i) * pcm.get(i);
    }
    // Two equal channels of a sine at 997 Hz: LUFS is the level of its peak (BS.1770-4, note 1).
    double lufs = 10 * Math.log10(2 * square / (2 * rate));
    assertThat(lufs).isCloseTo(-23, within(1.0));
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
