package io.millrace.media.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Fixtures;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Input and output of the timeline, side by side, in {@code src/test/resources/timelines}. {@code
 * -Dmillrace.golden=write} writes them anew; read the diff, and give the reason in the commit.
 */
class TimelineGoldenTest {
  private static final Path DIRECTORY = Path.of("src/test/resources/timelines");

  /**
   * @param about the first line of the dump
   */
  record Case(
      String name,
      String about,
      int wirePerSecond,
      int wireBits,
      long originTicks,
      @Nullable Rational declared,
      Source source) {

    static Case rtmp(String name, String about, @Nullable Rational declared, Source source) {
      return new Case(name, about, 1000, 32, 0, declared, source);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final Rational FILM = new Rational(24_000, 1001);
  private static final Rational NTSC = new Rational(30_000, 1001);
  private static final Rational NTSC_60 = new Rational(60_000, 1001);
  private static final Rational PAL = new Rational(25, 1);
  private static final Rational THIRTY = new Rational(30, 1);
  private static final double HOUR = 3600;

  static Stream<Case> cases() {
    return Stream.of(
        Case.rtmp(
            "ntsc_b_frames",
            "29.97 fps with B-frames, rounded down to milliseconds",
            NTSC,
            new Source().videoWithBFrames(NTSC, 0, 1.3).audio(48_000, 1024, 0, 0.2)),
        Case.rtmp(
            "ntsc_b_frames_rounded_to_nearest",
            "29.97 fps with B-frames; decoding and presentation time each rounded to nearest",
            NTSC,
            new Source().roundingToNearest().videoWithBFrames(NTSC, 0, 1.3)),
        Case.rtmp("ntsc_60", "59.94 fps", NTSC_60, new Source().video(NTSC_60, 0.0125, 0.8)),
        Case.rtmp(
            "film", "23.976 fps with B-frames", FILM, new Source().videoWithBFrames(FILM, 0, 1.5)),
        Case.rtmp("pal", "25 fps, whole milliseconds", PAL, new Source().video(PAL, 0, 0.6)),
        Case.rtmp(
            "rate_not_declared",
            "29.97 fps, nothing declared: true times first, then the grid is found",
            null,
            new Source().video(NTSC, 0, 2.4)),
        Case.rtmp(
            "variable_frame_rate",
            "a phone's irregular times, declared as 30: kept as they are",
            THIRTY,
            new Source()
                .frames(
                    0, 0.021, 0.067, 0.088, 0.135, 0.171, 0.192, 0.241, 0.26, 0.307, 0.325, 0.38,
                    0.401, 0.436, 0.49, 0.507, 0.555, 0.58, 0.61, 0.66)),
        Case.rtmp(
            "one_late_frame",
            "one frame 12 ms late on a 30 fps grid: kept late, the grid stays",
            THIRTY,
            new Source()
                .video(THIRTY, 0, 0.5)
                .without(unit -> Math.abs(unit.dtsSeconds() - 0.2) < 1e-6)
                .frames(0.212)),
        Case.rtmp(
            "dropped_frames",
            "30 fps, frames 4, 5 and 9 dropped: their slots stay empty",
            THIRTY,
            new Source()
                .video(THIRTY, 0, 0.5)
                .without(
                    unit -> {
                      long frame = Math.round(unit.dtsSeconds() * 30);
                      return frame == 4 || frame == 5 || frame == 9;
                    })),
        Case.rtmp(
            "wrong_declared_rate",
            "declared 30, sent at 25: true times, then the real rate is found",
            THIRTY,
            new Source().video(PAL, 0, 1.8)),
        Case.rtmp(
            "declared_30_sent_29_97",
            "declared 30, sent at 29.97: the near sibling is found at the first drift",
            THIRTY,
            new Source().video(NTSC, 0, 3)),
        Case.rtmp(
            "camera_clock_drifts",
            "50 fps declared, stamped by a clock that runs 0.25 % fast: re-anchored on the way",
            new Rational(50, 1),
            new Source().clock(t -> t * 1.0025).video(new Rational(50, 1), 0, 1.6)),
        Case.rtmp(
            "wrap_32_bits",
            "the millisecond counter wraps in the middle",
            NTSC,
            new Source()
                .startingAt((1L << 32) - 300)
                .videoWithBFrames(NTSC, 0, 0.7)
                .audio(48_000, 1024, 0, 0.7)),
        new Case(
            "wrap_33_bits",
            "MPEG-TS: 90 kHz in 33 bits wraps in the middle",
            90_000,
            33,
            3_600_000,
            NTSC_60,
            new Source()
                .wire(90_000, 33)
                .startingAt((1L << 33) - 20_000)
                .video(NTSC_60, 0, 0.5)
                .audio(48_000, 1024, 0, 0.5)),
        Case.rtmp(
            "jump_forward_1h",
            "the clock jumps an hour forward; both tracks go on, offset kept",
            THIRTY,
            new Source()
                .clock(t -> t < 0.5 ? t : t + HOUR)
                .videoWithBFrames(THIRTY, 0, 1)
                .audio(44_100, 1024, 0.01, 1)),
        Case.rtmp(
            "jump_back_1h",
            "the clock jumps an hour back",
            THIRTY,
            new Source()
                .startingAt(4_000_000)
                .clock(t -> t < 0.5 ? t : t - HOUR)
                .video(THIRTY, 0, 1)
                .audio(44_100, 1024, 0.01, 1)),
        Case.rtmp(
            "reset_to_zero",
            "the sender starts again at zero, audio of the old clock still arrives behind it",
            PAL,
            new Source()
                .startingAt(90_000)
                .clock(t -> t < 0.52 ? t : t - 90.52)
                .video(PAL, 0, 1.2)
                .audio(48_000, 1024, 0, 1.2)
                .lateAudio(0.4, 0.1)),
        Case.rtmp(
            "negative_dts",
            "times below zero, as a two's complement, in front of a zero start",
            PAL,
            new Source().startingAt(-80).videoWithBFrames(PAL, 0, 0.4)),
        Case.rtmp(
            "duplicate_dts",
            "a frame sent twice and a step back of 60 ms",
            PAL,
            new Source()
                .frames(0, 0.04, 0.08, 0.08, 0.12, 0.16)
                .backwards(0.1)
                .frames(0.2, 0.24, 0.28)),
        Case.rtmp(
            "missing_audio",
            "every tenth audio frame is missing: the count jumps by whole frames",
            null,
            new Source()
                .audio(48_000, 1024, 0, 1)
                .without(unit -> Math.round(unit.dtsSeconds() * 48_000 / 1024) % 10 == 7)),
        Case.rtmp(
            "audio_44100",
            "1024 samples at 44.1 kHz are 23.2 ms: the count is exact",
            null,
            new Source().audio(44_100, 1024, 0.0015, 0.8)),
        Case.rtmp(
            "audio_bunched",
            "three audio frames under one time: the count goes on",
            null,
            new Source()
                .audio(48_000, 1024, 0, 0.8)
                .clock(t -> Math.floor(t / 0.064 + 1e-9) * 0.064)),
        Case.rtmp(
            "audio_sent_twice",
            "one audio frame is sent twice: half a second later the count is back at the wire",
            null,
            new Source().audio(48_000, 1024, 0, 0.9).audio(48_000, 1024, 0.2346, 0.2347)),
        new Case(
            "audio_first",
            "video starts 250 ms after audio, at an origin of one hour",
            1000,
            32,
            3600L * 360_000,
            THIRTY,
            new Source().audio(48_000, 1024, 0, 0.5).videoWithBFrames(THIRTY, 0.25, 0.5)),
        Case.rtmp(
            "video_first",
            "the first audio frame arrives late with an earlier time: placed before the origin",
            THIRTY,
            new Source()
                .startingAt(500)
                .video(THIRTY, 0.0, 0.3)
                .audio(48_000, 1024, -0.1, 0.3)
                .lateAudio(-0.1, 0.11)),
        Case.rtmp(
            "video_pauses",
            "no video for 5 s while audio goes on: the hole is true, not a jump",
            PAL,
            new Source()
                .video(PAL, 0, 5.6)
                .audio(8_000, 1024, 0, 5.6)
                .without(
                    unit -> unit.video() && unit.dtsSeconds() > 0.15 && unit.dtsSeconds() < 5.15)),
        Case.rtmp(
            "over_24_bits",
            "past 2^24 ms, where RTMP's short timestamps end: nothing happens",
            NTSC,
            new Source()
                .startingAt((1L << 24) - 300)
                .videoWithBFrames(NTSC, 0, 0.7)
                .audio(48_000, 1024, 0, 0.7)),
        Case.rtmp(
            "b_pyramid",
            "a pyramid of four B-frames at 59.94 fps over the wrap of 32 bits",
            NTSC_60,
            new Source().startingAt((1L << 32) - 300).videoWithPyramid(NTSC_60, 0, 0.6)),
        Case.rtmp(
            "presentation_before_decoding",
            "shown 40 ms before it is decoded: kept, a packager writes signed offsets",
            PAL,
            new Source().videoShownEarly(PAL, 0.04, 0, 0.4)),
        Case.rtmp(
            "pulldown_2_3",
            "film on fields of 59.94 Hz, for two fields and three in turn, declared 23.976: kept true",
            FILM,
            pulldown(60)),
        Case.rtmp(
            "a_fifth_dropped",
            "24 different pictures of 30 a second, the repeated ones left out: on the grid of 30",
            THIRTY,
            new Source()
                .video(THIRTY, 0, 1)
                .without(unit -> Math.round(unit.dtsSeconds() * 30) % 5 == 3)),
        Case.rtmp(
            "aligned_tracks",
            "three encodings of one picture, one with B-frames, one of half the rate: equal ticks",
            NTSC,
            new Source()
                .startingAt(1_001)
                .video(NTSC, 0.0671, 0.8)
                .audio(48_000, 1024, 0.0671, 0.3)
                .track(1)
                .videoWithBFrames(NTSC, 0.0671 + 4 / NTSC.toDouble(), 0.8)
                .track(2)
                .video(new Rational(15_000, 1001), 0.0671 + 2 / NTSC.toDouble(), 0.8)),
        Case.rtmp(
            "aligned_tracks_jump",
            "the clock of two pictures and two sounds jumps an hour back: all offsets kept",
            PAL,
            new Source()
                .startingAt(4_000_000)
                .clock(t -> t < 0.5 ? t : t - HOUR)
                .video(PAL, 0, 0.8)
                .audio(48_000, 1024, 0.003, 0.8)
                .track(1)
                .video(PAL, 0, 0.8)
                .audio(44_100, 1024, 0.011, 0.8)));
  }

  /** Film of 24000/1001 on fields of 60000/1001: pictures of two and three fields in turn. */
  private static Source pulldown(int pictures) {
    double[] seconds = new double[pictures];
    for (int n = 0; n < pictures; n++) {
      seconds[n] = (n / 2 * 5 + n % 2 * 2) * 1001 / 60_000.0;
    }
    return new Source().frames(seconds);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void dumpIsAsBefore(Case golden) throws IOException {
    String dump = dump(golden);
    String file = golden.name + ".txt";
    if ("write".equals(System.getProperty("millrace.golden"))) {
      Files.createDirectories(DIRECTORY);
      Files.writeString(DIRECTORY.resolve(file), dump);
      return;
    }
    assertThat(dump)
        .isEqualTo(new String(Fixtures.bytes("/timelines/" + file), StandardCharsets.UTF_8));
  }

  private static String dump(Case golden) {
    Timeline timeline =
        new Timeline(new Timescale(golden.wirePerSecond), golden.wireBits, golden.originTicks);
    timeline.frameRate(TrackEvent.VIDEO_TRACK, golden.declared);
    timeline.frameRate(TrackEvent.videoTrack(1), golden.declared);
    StringBuilder out = new StringBuilder();
    out.append("# ").append(golden.about).append('\n');
    out.append(
        "# wire %d/s in %d bits, origin %d, declared %s\n"
            .formatted(
                golden.wirePerSecond,
                golden.wireBits,
                golden.originTicks,
                golden.declared == null ? "nothing" : golden.declared));
    Map<Integer, Long> last = new HashMap<>();
    List<Source.Input> inputs = golden.source.inputs();
    for (Source.Input input : inputs) {
      Source.Unit unit = input.unit();
      int index = TrackEvent.trackIndex(unit.track());
      String name = index == 0 ? "" : Integer.toString(index);
      if (unit.video()) {
        VideoStamp stamp = timeline.video(unit.track(), input.wireDts(), input.compositionOffset());
        out.append(
            "V%s dts %-10d cts %-4d -> dts %-10d (%+7d) pts %-10d (%+7d)\n"
                .formatted(
                    name,
                    input.wireDts(),
                    input.compositionOffset(),
                    stamp.dtsTicks(),
                    stamp.dtsTicks() - last.getOrDefault(unit.track(), 0L),
                    stamp.ptsTicks(),
                    stamp.ptsTicks() - stamp.dtsTicks()));
        last.put(unit.track(), stamp.dtsTicks());
      } else {
        long pts = timeline.audio(unit.track(), input.wireDts(), unit.sampleRate(), unit.samples());
        out.append(
            "A%s time %-10d %d/%d -> %-10d (%+6d)\n"
                .formatted(
                    name,
                    input.wireDts(),
                    unit.samples(),
                    unit.sampleRate(),
                    pts,
                    pts - last.getOrDefault(unit.track(), 0L)));
        last.put(unit.track(), pts);
      }
    }
    Timeline.Counters counters = timeline.counters();
    out.append(
        "# jumps %d, resyncs %d, duplicates %d; frame rate %s\n"
            .formatted(
                counters.jumps(),
                counters.resyncs(),
                counters.duplicates(),
                timeline.frameRate(TrackEvent.VIDEO_TRACK) == null
                    ? "unknown"
                    : timeline.frameRate(TrackEvent.VIDEO_TRACK)));
    return out.toString();
  }
}
