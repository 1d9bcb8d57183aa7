package io.millrace.codec.slate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.codec.CodecException;
import io.millrace.codec.CodedClip;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.ffmpeg.FfmpegAudioDecoder;
import io.millrace.media.AudioCodec;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.aac.AudioSpecificConfig;
import io.millrace.media.opus.OpusConfiguration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SilenceTest {
  private static final int FRAMES = 12;

  /** Loudest sample of each access unit, over all channels. */
  private static List<Double> peaks(TrackFormat.Audio format, List<TrackEvent.Sample> samples) {
    NativeAccount account = new NativeAccount();
    List<Double> peaks = new ArrayList<>();
    int channels = Math.min(2, format.channels());
    try (FfmpegAudioDecoder decoder =
        new FfmpegAudioDecoder(format, format.sampleRate(), channels, account)) {
      for (TrackEvent.Sample sample : samples) {
        boolean fine =
            decoder.decode(
                sample,
                (pcm, count, ptsTicks) -> {
                  double peak = 0;
                  for (float[] channel : pcm) {
                    for (int i = 0; i < count; i++) {
                      peak = Math.max(peak, Math.abs(channel[i]));
                    }
                  }
                  peaks.add(peak);
                });
        assertThat(fine).isTrue();
      }
    }
    assertThat(account.handles()).isZero();
    return peaks;
  }

  @ParameterizedTest
  @CsvSource({
    "aac, 48000, 1",
    "aac, 44100, 2",
    "aac, 48000, 6",
    "aac, 48000, 8",
    "libopus, 48000, 1",
    "libopus, 48000, 2",
    "libopus, 48000, 6",
    "libmp3lame, 48000, 2",
    "libmp3lame, 44100, 1",
    "libmp3lame, 22050, 2"
  })
  void silenceFitsBetweenRealFrames(String encoder, int rate, int channels) {
    CodedClip clip = CodedClip.tone(encoder, rate, channels, 1000);
    Silence silence = Silence.of(clip.audio());
    List<TrackEvent.Sample> mixed = new ArrayList<>(clip.samples().subList(0, FRAMES));
    for (int i = 0; i < FRAMES; i++) {
      mixed.add(silence.sample(TrackEvent.AUDIO_TRACK, 100_000, i));
    }
    mixed.addAll(clip.samples().subList(FRAMES, 2 * FRAMES));
    List<Double> peaks = peaks(clip.audio(), mixed);
    int delay = peaks.size() - mixed.size();
    assertThat(delay).isBetween(-1, 0);
    assertThat(peaks.get(FRAMES - 2)).isGreaterThan(0.15);
    // What was said before may fade over a frame or two.
    assertThat(peaks.subList(FRAMES + 3, 2 * FRAMES - 1)).allMatch(peak -> peak < 1e-4);
    assertThat(peaks.getLast()).isGreaterThan(0.15);
  }

  static List<AudioSpecificConfig> configurations() {
    List<AudioSpecificConfig> all = new ArrayList<>();
    for (int layout : new int[] {1, 2, 3, 4, 5, 6, 7}) {
      all.add(AudioSpecificConfig.lc(48_000, layout));
    }
    for (AudioSpecificConfig.Sbr sbr :
        List.of(
            AudioSpecificConfig.Sbr.HIERARCHICAL, AudioSpecificConfig.Sbr.BACKWARD_COMPATIBLE)) {
      all.add(new AudioSpecificConfig(24_000, 2, 1024, sbr, false, 48_000));
      all.add(new AudioSpecificConfig(24_000, 6, 1024, sbr, false, 48_000));
      all.add(new AudioSpecificConfig(24_000, 1, 1024, sbr, true, 48_000));
    }
    all.add(
        new AudioSpecificConfig(
            48_000, 2, 960, AudioSpecificConfig.Sbr.UNSIGNALLED, false, 48_000));
    return all;
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void everyAacLayoutHasSilence(AudioSpecificConfig config) {
    TrackFormat.Audio format = config.toFormat();
    Silence silence = Silence.of(format);
    List<TrackEvent.Sample> samples = new ArrayList<>();
    for (int i = 0; i < FRAMES; i++) {
      samples.add(silence.sample(TrackEvent.AUDIO_TRACK, 0, i));
    }
    assertThat(peaks(format, samples)).hasSize(FRAMES).allMatch(peak -> peak < 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"120", "240", "480", "960", "1920", "2880", "3840", "4800", "5760"})
  void opusSilenceLastsAsLongAsTheFormatsPackets(int samplesPerFrame) {
    TrackFormat.Audio usual = CodedClip.tone("libopus", 48_000, 2, 100).audio();
    TrackFormat.Audio format =
        new TrackFormat.Audio(
            AudioCodec.OPUS, "opus", usual.configuration(), 48_000, 2, samplesPerFrame);
    Silence silence = Silence.of(format);
    NativeAccount account = new NativeAccount();
    try (FfmpegAudioDecoder decoder = new FfmpegAudioDecoder(format, 48_000, 2, account)) {
      int[] decoded = {0};
      for (int i = 0; i < 6; i++) {
        TrackEvent.Sample sample = silence.sample(TrackEvent.AUDIO_TRACK, 0, i);
        assertThat(sample.ptsTicks()).isEqualTo((long) i * samplesPerFrame);
        assertThat(decoder.decode(sample, (pcm, count, pts) -> decoded[0] += count)).isTrue();
      }
      int preSkip = OpusConfiguration.parse(usual.configuration()).preSkipSamples();
      assertThat(decoded[0]).isEqualTo(6 * samplesPerFrame - preSkip);
    }
  }

  @Test
  void oddFormatsAreRefusedWithTheReason() {
    assertThatThrownBy(
            () ->
                Silence.of(
                    new TrackFormat.Audio(AudioCodec.MP3, "mp3", new byte[0], 12_345, 2, 1152)))
        .isInstanceOf(CodecException.class)
        .hasMessage("no MP3 of 12345 Hz");
    TrackFormat.Audio usual = CodedClip.tone("libopus", 48_000, 2, 100).audio();
    assertThatThrownBy(
            () ->
                Silence.of(
                    new TrackFormat.Audio(
                        AudioCodec.OPUS, "opus", usual.configuration(), 48_000, 2, 1000)))
        .isInstanceOf(CodecException.class)
        .hasMessage("no Opus packet of 1000 samples");
  }
}
