package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.Clips;
import io.millrace.codec.CodedClip;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.Luma;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.ffmpeg.FfmpegAudioDecoder;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.ffmpeg.ToneMapTest;
import io.millrace.media.Colour;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.h264.AvcConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every codec that a publisher may send comes out of the ladder as it went in. */
class InputCodecsTest {
  private static final Ladder SAME_SIZE =
      new Ladder(List.of(VideoRung.of("r", VideoCodec.H264, 180, 800_000, Profile.FAST)), null);

  private static final Ladder PASSING =
      new Ladder(SAME_SIZE.video(), null, Ladder.HdrMode.PASSTHROUGH, Ladder.Upscale.NEVER);

  static List<CodedClip.Video> sources() {
    return List.of(
        CodedClip.Video.of("libx264", 10, Map.of()),
        CodedClip.Video.of("libx265", 8, Map.of("x265-params", "log-level=none")),
        CodedClip.Video.of("libx265", 10, Map.of("x265-params", "log-level=none:open-gop=1")),
        CodedClip.Video.of("libsvtav1", 8, Map.of("preset", "10")),
        CodedClip.Video.of("libsvtav1", 10, Map.of("preset", "10")),
        CodedClip.Video.of(
            "libvpx-vp9",
            8,
            Map.of(
                "deadline", "good", "cpu-used", "8", "auto-alt-ref", "1", "lag-in-frames", "12")));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void everyVideoCodecIsTranscoded(CodedClip.Video wanted) {
    CodedClip clip = CodedClip.of(wanted, CodedClip.Painting.moving());
    DecodedTrack source = DecodedTrack.of(clip.video(), clip.samples());
    assertThat(source.pictures()).hasSize(wanted.frames());
    LadderRun run = LadderRun.of(SAME_SIZE, live(clip));
    assertThat(run.failures).isEmpty();
    RecordingSink sink = run.sink("r");
    assertThat(sink.videoFormat().colour()).isEqualTo(new Colour(1, 1, 1, false));
    DecodedTrack out = DecodedTrack.of(sink.videoFormat(), sink.samples());
    assertThat(out.damaged()).isZero();
    assertThat(out.times()).isEqualTo(source.times());
    out.pictures()
        .forEach(
            (ptsTicks, picture) ->
                assertThat(picture.psnr(source.pictures().get(ptsTicks))).isGreaterThan(34));
    assertThat(run.transcoder.stats().nativeHandles()).isZero();
    assertThat(run.transcoder.stats().pictureBytes()).isZero();
  }

  private static List<TrackEvent> live(CodedClip clip) {
    RecordingSink sink = new RecordingSink();
    int track =
        clip.format() instanceof TrackFormat.Video
            ? TrackEvent.VIDEO_TRACK
            : TrackEvent.AUDIO_TRACK;
    sink.accept(new TrackEvent.Format(track, clip.format()));
    clip.samples().forEach(sink::accept);
    return Clips.live(sink);
  }

  @ParameterizedTest
  @CsvSource({"16, PQ", "18, HLG"})
  void highDynamicRangeHasNoRungsWhereItIsPassedThrough(int transfer, String name) {
    TrackFormat.Video hdr = coloured(new Colour(9, transfer, 9, false)).video();
    LadderPlan plan = LadderPlan.resolve(PASSING, hdr);
    assertThat(plan.rungs()).isEmpty();
    assertThat(plan.skipped())
        .singleElement()
        .satisfies(skipped -> assertThat(skipped.reason()).contains("HDR (" + name + ")"));
  }

  /** HEVC Main 10 in PQ or HLG, encoded, transcoded, decoded. */
  @ParameterizedTest
  @CsvSource({"16", "18"})
  void highDynamicRangeIsToneMapped(int transfer) {
    assumeTrue(FfmpegEngines.hasX264(), "no libx265 in this bundle");
    CodedClip.Painting ramp =
        (plane, x, y, frame) -> plane == 0 ? 16 + x / 16 * 16 * 219 / 320 : 128;
    CodedClip clip =
        CodedClip.of(
            CodedClip.Video.of("libx265", 10, Map.of("x265-params", "log-level=none:crf=8"))
                .withColour(new Colour(9, transfer, 9, false))
                .withFrames(10, 5),
            ramp);
    LadderRun run = LadderRun.of(SAME_SIZE, live(clip));
    assertThat(run.failures).isEmpty();
    RecordingSink sink = run.sink("r");
    TrackFormat.Video out =
        (TrackFormat.Video) sink.events(TrackEvent.Format.class).getFirst().format();
    assertThat(out.colour()).isEqualTo(new Colour(1, 1, 1, false));
    assertThat(AvcConfiguration.parse(out.configuration()).sequence().usability().colour())
        .isEqualTo(new Colour(1, 1, 1, false));
    DecodedTrack decoded = DecodedTrack.of(out, sink.samples());
    assertThat(decoded.pictures()).hasSize(10);
    Luma last = decoded.pictures().lastEntry().getValue();
    for (int x = 8; x < 320; x += 16) {
      int code = ramp.at(0, x, 0, 0) * 4;
      double expected = ToneMapTest.reference(transfer, 1000, code, 512, 512)[0];
      assertThat((double) last.at(x, 90)).as("code %d", code).isCloseTo(expected, within(5.0));
    }
    assertThat(run.transcoder.stats().nativeHandles()).isZero();
    assertThat(run.transcoder.stats().pictureBytes()).isZero();
  }

  private static CodedClip coloured(Colour colour) {
    return CodedClip.of(
        CodedClip.Video.of("libx264", 8, Map.of()).withColour(colour).withFrames(10, 5),
        CodedClip.Painting.moving());
  }

  @Test
  void aSourceThatTurnsHdrEndsTheRungsWhereItIsPassedThrough() {
    CodedClip standard = coloured(new Colour(1, 1, 1, false));
    List<TrackEvent> events = new ArrayList<>(live(standard));
    events.removeLast();
    events.add(
        new TrackEvent.Format(
            TrackEvent.VIDEO_TRACK, coloured(new Colour(9, 16, 9, false)).video()));
    try (LadderRun run =
        new LadderRun(PASSING, standard.video(), LadderRun.ENGINES, TranscoderSettings.OFFLINE)) {
      run.feed(events);
      run.awaitEnds();
      assertThat(run.failures).singleElement().asString().contains("HDR (PQ)");
      assertThat(run.sink("r").samples()).hasSize(10);
    }
  }

  @Test
  void aRungSaysTheMatrixThatItsLargerSourceLeftToBeGuessed() {
    TrackFormat.Video unspecified = coloured(Colour.UNSPECIFIED).video();
    LadderRun run = LadderRun.of(SAME_SIZE, live(coloured(Colour.UNSPECIFIED)));
    assertThat(unspecified.height()).isLessThan(576);
    assertThat(run.sink("r").videoFormat().colour().matrix()).isEqualTo(6);
  }

  @ParameterizedTest
  @CsvSource({
    "libopus, 48000, 1",
    "libopus, 48000, 2",
    "libopus, 48000, 6",
    "libmp3lame, 44100, 2",
    "libmp3lame, 22050, 1",
    "aac, 48000, 6",
    "aac, 12000, 1"
  })
  void everyAudioCodecIsReencoded(String encoder, int rate, int channels) {
    CodedClip clip = CodedClip.tone(encoder, rate, channels, 3000);
    LadderRun run = LadderRun.of(new Ladder(List.of(), AudioRung.aac(96_000)), withPicture(clip));
    assertThat(run.failures).isEmpty();
    RecordingSink sink = run.sink("audio");
    TrackFormat.Audio format =
        (TrackFormat.Audio) sink.events(TrackEvent.Format.class).getFirst().format();
    assertThat(format.channels()).isEqualTo(Math.min(2, channels));
    List<TrackEvent.Sample> out = sink.samples();
    long durationMs = out.size() * 1024L * 1000 / format.sampleRate();
    assertThat(durationMs).isBetween(2850L, 3150L);
    for (int i = 1; i < out.size(); i++) {
      assertThat(out.get(i).ptsTicks() - out.get(i - 1).ptsTicks()).isEqualTo(1024);
    }
    Signal signal = Signal.of(format, out);
    assertThat(signal.hertz()).isCloseTo(440, within(6.0));
    // The same in all channels: a downmix of six may be louder or softer, never gone or clipped.
    assertThat(signal.peak()).isBetween(channels > 2 ? 0.1 : 0.2, channels > 2 ? 0.99 : 0.3);
    assertThat(run.transcoder.stats().nativeHandles()).isZero();
  }

  /** A transcoder has a picture; its rungs do not matter here. */
  private static List<TrackEvent> withPicture(CodedClip audio) {
    List<TrackEvent> events = new ArrayList<>();
    events.add(
        new TrackEvent.Format(
            TrackEvent.VIDEO_TRACK, coloured(new Colour(1, 1, 1, false)).video()));
    events.addAll(live(audio));
    return events;
  }

  /** The middle of a decoded track: its pitch by zero crossings, and its peak. */
  private record Signal(double hertz, double peak) {
    static Signal of(TrackFormat.Audio format, List<TrackEvent.Sample> samples) {
      List<Float> pcm = new ArrayList<>();
      try (FfmpegAudioDecoder decoder =
          new FfmpegAudioDecoder(
              format, format.sampleRate(), format.channels(), new NativeAccount())) {
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
      int crossings = 0;
      double peak = 0;
      for (int i = format.sampleRate(); i < 2 * format.sampleRate(); i++) {
        crossings += pcm.get(i - 1) < 0 && pcm.get(i) >= 0 ? 1 : 0;
        peak = Math.max(peak, Math.abs(pcm.get(i)));
      }
      return new Signal(crossings, peak);
    }
  }
}
