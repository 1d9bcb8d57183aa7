package io.millrace.media.timeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.FrameRates;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws that hold whatever the input, over seeds. */
class TimelineTest {
  private static final int VIDEO = TrackEvent.VIDEO_TRACK;
  private static final int AUDIO = TrackEvent.AUDIO_TRACK;
  private static final double TICKS = Timescale.VIDEO.ticksPerSecond();
  private static final Rational NTSC = new Rational(30_000, 1001);
  private static final Rational THIRTY = new Rational(30, 1);

  /** What a run of the timeline over a source came to. */
  private static final class Run {
    final Timeline timeline;
    private final boolean strict;
    private double videoError = Double.NaN;
    private double audioError = Double.NaN;
    private long lastDts = Long.MIN_VALUE;
    private long lastAudio = Long.MIN_VALUE;
    double worstOffsetError;
    double worstVideoError;
    double worstAudioError;
    double worstPresentationError;
    long offGrid;

    /**
     * @param strict compare sound with picture; off where the source breaks the clock of one only
     */
    Run(Timeline timeline, boolean strict) {
      this.timeline = timeline;
      this.strict = strict;
    }

    Run feed(Source source, Rational grid) {
      source.inputs().forEach(input -> feed(input, grid));
      return this;
    }

    private void feed(Source.Input input, Rational grid) {
      Source.Unit unit = input.unit();
      if (unit.video()) {
        VideoStamp stamp = timeline.video(unit.track(), input.wireDts(), input.compositionOffset());
        assertThat(stamp.dtsTicks()).isGreaterThan(lastDts);
        if (lastDts != Long.MIN_VALUE && grid != null) {
          long step = Math.round(TICKS / grid.toDouble());
          offGrid += (stamp.dtsTicks() - lastDts) % step == 0 ? 0 : 1;
        }
        lastDts = stamp.dtsTicks();
        videoError = stamp.dtsTicks() / TICKS - unit.dtsSeconds();
        worstVideoError = Math.max(worstVideoError, Math.abs(videoError));
        double presentation = stamp.ptsTicks() / TICKS - unit.ptsSeconds();
        worstPresentationError =
            Math.max(worstPresentationError, Math.abs(presentation - videoError));
      } else {
        long pts = timeline.audio(unit.track(), input.wireDts(), unit.sampleRate(), unit.samples());
        assertThat(pts).isGreaterThan(lastAudio);
        lastAudio = pts;
        audioError = (double) pts / unit.sampleRate() - unit.dtsSeconds();
        worstAudioError = Math.max(worstAudioError, Math.abs(audioError));
      }
      if (strict && !Double.isNaN(videoError) && !Double.isNaN(audioError)) {
        worstOffsetError = Math.max(worstOffsetError, Math.abs(videoError - audioError));
      }
    }
  }

  private static Timeline rtmp() {
    return new Timeline(Timescale.MILLIS, 32, 0);
  }

  private static final int[] SAMPLE_RATES = {48_000, 44_100, 32_000, 24_000, 16_000};

  /** A random well-behaved sender of 20 s. */
  private static Source sender(Random random, Rational rate) {
    Source source = new Source().startingAt(random.nextLong() & 0xFFFF_FFFFL);
    if (random.nextBoolean()) {
      source.roundingToNearest();
    }
    double videoFrom = random.nextDouble() * 0.7;
    double audioFrom = random.nextDouble() * 0.7;
    if (random.nextBoolean()) {
      source.videoWithBFrames(rate, videoFrom, 20);
    } else {
      source.video(rate, videoFrom, 20);
    }
    return source.audio(SAMPLE_RATES[random.nextInt(SAMPLE_RATES.length)], 1024, audioFrom, 20);
  }

  @Test
  void soundAndPictureKeepTheirOffset() {
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      Rational rate = FrameRates.STANDARD.get(random.nextInt(FrameRates.STANDARD.size()));
      boolean declared = random.nextInt(3) > 0;
      Timeline timeline = rtmp();
      timeline.frameRate(VIDEO, declared ? rate : null);
      Run run = new Run(timeline, true).feed(sender(random, rate), null);
      assertThat(run.worstOffsetError).as("seed %d, %s fps", seed, rate).isLessThan(0.002);
      assertThat(run.worstPresentationError).as("seed %d, %s fps", seed, rate).isLessThan(0.0025);
      assertThat(timeline.counters()).isEqualTo(new Timeline.Counters(0, 0, 0, 0));
      assertThat(timeline.frameRate(VIDEO)).as("seed %d", seed).isEqualTo(rate);
    }
  }

  @ParameterizedTest
  @MethodSource("standardRates")
  void aDeclaredRateGivesEqualDurationsToTheTick(Rational rate) {
    for (int seed = 0; seed < 8; seed++) {
      Timeline timeline = rtmp();
      timeline.frameRate(VIDEO, rate);
      Run run = new Run(timeline, true).feed(sender(new Random(seed), rate), exact(rate));
      assertThat(run.offGrid).as("seed %d", seed).isZero();
    }
  }

  static List<Rational> standardRates() {
    return FrameRates.STANDARD;
  }

  /** Null for 47.952, whose frames are not a whole number of ticks. */
  private static Rational exact(Rational rate) {
    return Timescale.VIDEO.ticksPerSecond() * (long) rate.denominator() % rate.numerator() == 0
        ? rate
        : null;
  }

  @Test
  void tenHoursDoNotDrift() {
    Timeline timeline = rtmp();
    timeline.frameRate(VIDEO, NTSC);
    // wraps on the way
    Source source =
        new Source()
            .startingAt((1L << 32) - 18_000_000)
            .videoWithBFrames(NTSC, 0, 36_000)
            .audio(44_100, 1024, 0.005, 36_000);
    Run run = new Run(timeline, true).feed(source, NTSC);
    assertThat(run.worstVideoError).isLessThan(0.0015);
    assertThat(run.worstAudioError).isLessThan(0.0015);
    assertThat(run.offGrid).isZero();
    assertThat(timeline.counters()).isEqualTo(new Timeline.Counters(0, 0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({"1000, 32, 16777216", "1000, 32, 4294967296", "90000, 33, 8589934592"})
  void aPushStartedAMinuteBeforeAWrapPlaysThrough(int perSecond, int bits, long wrap) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      Timeline timeline = new Timeline(new Timescale(perSecond), bits, 0);
      timeline.frameRate(VIDEO, NTSC);
      Source source =
          new Source()
              .wire(perSecond, bits)
              .startingAt(wrap - 60L * perSecond)
              .audio(48_000, 1024, 0.2 * random.nextDouble(), 70);
      if (random.nextBoolean()) {
        source.videoWithPyramid(NTSC, 0.2 * random.nextDouble(), 70);
      } else {
        source.videoWithBFrames(NTSC, 0.2 * random.nextDouble(), 70);
      }
      Run run = new Run(timeline, true).feed(source, NTSC);
      assertThat(run.worstOffsetError).isLessThan(0.002);
      assertThat(run.offGrid).isZero();
      assertThat(timeline.counters()).isEqualTo(new Timeline.Counters(0, 0, 0, 0));
    }
  }

  @Test
  void transportStreamClockIsExact() {
    for (Rational rate : FrameRates.STANDARD) {
      Timeline timeline = new Timeline(new Timescale(90_000), 33, 0);
      timeline.frameRate(VIDEO, rate);
      Source source =
          new Source()
              .wire(90_000, 33)
              .startingAt((1L << 33) - 450_000)
              .videoWithBFrames(rate, 0, 20)
              .audio(48_000, 1024, 0.25, 20);
      Run run = new Run(timeline, true).feed(source, exact(rate));
      assertThat(run.worstOffsetError).as("%s", rate).isLessThan(0.00003);
      assertThat(run.offGrid).as("%s", rate).isZero();
    }
  }

  /** Jumps of seconds to hours, both ways, at random times; the sender's content goes on. */
  @Test
  void jumpsKeepTheOffsetAndTheTime() {
    for (int seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      Rational rate = random.nextBoolean() ? NTSC : THIRTY;
      int count = 1 + random.nextInt(4);
      double[] at = random.doubles(count, 1, 19).sorted().toArray();
      double[] by = new double[count];
      for (int i = 0; i < count; i++) {
        double size = Math.pow(10, 0.6 + 3 * random.nextDouble());
        by[i] = Math.round(random.nextBoolean() ? size : -size);
      }
      Source source =
          sender(random, rate)
              .clock(
                  time -> {
                    double shown = time;
                    for (int i = 0; i < count && time >= at[i]; i++) {
                      shown += by[i];
                    }
                    return shown;
                  });
      if (random.nextBoolean()) {
        source.lateAudio(0, 0.2 * random.nextDouble());
      }
      Timeline timeline = rtmp();
      timeline.frameRate(VIDEO, rate);
      Run run = new Run(timeline, true).feed(source, null);
      assertThat(run.worstOffsetError).as("seed %d", seed).isLessThan(0.002);
      assertThat(timeline.counters().jumps()).as("seed %d", seed).isLessThanOrEqualTo(count);
      assertThat(timeline.counters().duplicates()).as("seed %d", seed).isZero();
      assertThat(run.worstVideoError).as("seed %d", seed).isLessThan(0.8);
    }
  }

  @Test
  void lostFramesOfEitherTrackMoveNothing() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      Rational rate = FrameRates.STANDARD.get(random.nextInt(FrameRates.STANDARD.size()));
      Source source = sender(random, rate).without(unit -> random.nextInt(10) == 0);
      Timeline timeline = rtmp();
      timeline.frameRate(VIDEO, rate);
      Run run = new Run(timeline, true).feed(source, exact(rate));
      assertThat(run.worstOffsetError).as("seed %d", seed).isLessThan(0.002);
      assertThat(run.offGrid).as("seed %d", seed).isZero();
      assertThat(timeline.counters().jumps()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.0005, -0.00005, 0.00005, 0.0005})
  void aDriftingCameraStaysOnItsGridButForAFewSteps(double drift) {
    Source source = new Source().clock(time -> time * (1 + drift)).video(THIRTY, 0, 600);
    Timeline timeline = rtmp();
    timeline.frameRate(VIDEO, THIRTY);
    long irregular = 0;
    long last = -12_000;
    for (Source.Input input : source.inputs()) {
      long dts = timeline.video(VIDEO, input.wireDts(), 0).dtsTicks();
      assertThat(Math.abs(dts - input.wireDts() * 360)).isLessThanOrEqualTo(540);
      irregular += dts - last == 12_000 ? 0 : 1;
      last = dts;
    }
    assertThat(timeline.frameRate(VIDEO)).isEqualTo(THIRTY);
    double milliseconds = 600_000 * Math.abs(drift);
    assertThat((double) irregular).isBetween(milliseconds / 4, 2 * milliseconds + 2);
  }

  @Test
  void irregularTimesAreNeverMovedFarAndNeverAdopted() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      Timeline timeline = rtmp();
      timeline.frameRate(VIDEO, random.nextBoolean() ? THIRTY : null);
      long wire = random.nextInt(1000);
      long first = wire;
      long lastDts = -1;
      for (int i = 0; i < 2_000; i++) {
        VideoStamp stamp = timeline.video(VIDEO, wire, 40);
        assertThat(stamp.dtsTicks()).isGreaterThan(lastDts);
        assertThat(Math.abs(stamp.dtsTicks() - (wire - first) * 360)).isLessThanOrEqualTo(540);
        assertThat(Math.abs(stamp.ptsTicks() - (wire + 40 - first) * 360)).isLessThanOrEqualTo(900);
        lastDts = stamp.dtsTicks();
        wire += 15 + random.nextInt(40);
      }
      assertThat(timeline.frameRate(VIDEO)).as("seed %d", seed).isNull();
    }
  }

  /**
   * Cadences that are no grid of the declared rate: pulldown of film, a phone in bad light, a
   * screen that is sent when it changes. The time on the wire is kept, within what snapping may do.
   */
  @Test
  void cadencesKeepTheirTimes() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      Rational declared = List.of(THIRTY, NTSC, new Rational(24_000, 1001)).get(seed % 3);
      Timeline timeline = rtmp();
      timeline.frameRate(VIDEO, random.nextBoolean() ? declared : null);
      double seconds = 0;
      long firstMs = 0;
      long last = Long.MIN_VALUE;
      for (int n = 0; n < 3_000; n++) {
        seconds +=
            switch (seed % 5) {
              case 0 -> (n % 2 == 0 ? 2 : 3) * 1001 / 60_000.0;
              case 1 -> (n % 4 == 3 ? 2 : 1) / 30.0;
              case 2 -> (n / 200 % 2 == 0 ? 1 / 30.0 : 1 / 24.0) + random.nextGaussian() * 0.002;
              case 3 -> 1 / 60.0 * (1 + random.nextInt(20));
              default -> random.nextInt(10) == 0 ? 2 / 30.0 : 1 / 30.0;
            };
        long ms = (long) (seconds * 1000);
        firstMs = n == 0 ? ms : firstMs;
        long dts = timeline.video(VIDEO, ms, 0).dtsTicks();
        assertThat(Math.abs(dts - (ms - firstMs) * 360)).as("seed %d", seed).isLessThan(541);
        assertThat(dts).isGreaterThan(last);
        last = dts;
      }
      assertThat(timeline.counters().jumps()).as("seed %d", seed).isZero();
      assertThat(timeline.counters().duplicates()).as("seed %d", seed).isZero();
    }
  }

  @Test
  void aWrongDeclaredRateIsReplacedByTheRealOne() {
    for (Rational real : FrameRates.STANDARD) {
      for (Rational said : FrameRates.STANDARD) {
        Timeline timeline = rtmp();
        timeline.frameRate(VIDEO, said);
        Run run =
            new Run(timeline, false).feed(new Source().video(real, 0, 500 / real.toDouble()), null);
        assertThat(run.worstVideoError).as("%s said %s", real, said).isLessThan(0.0026);
        double ratio = timeline.frameRate(VIDEO).toDouble() / real.toDouble();
        // A multiple of the real rate is a grid with empty slots, which is right as well.
        assertThat(Math.abs(ratio - Math.round(ratio)))
            .as("%s said %s", real, said)
            .isLessThan(1e-4);
      }
    }
  }

  @Test
  void sayingTheSameRateAgainChangesNothing() {
    Timeline timeline = rtmp();
    timeline.frameRate(VIDEO, THIRTY);
    for (int i = 0; i < 100; i++) {
      timeline.frameRate(VIDEO, THIRTY);
      timeline.video(VIDEO, 40L * i, 0);
    }
    assertThat(timeline.frameRate(VIDEO)).isEqualTo(new Rational(25, 1));
    timeline.frameRate(VIDEO, THIRTY);
    assertThat(timeline.frameRate(VIDEO)).isEqualTo(new Rational(25, 1));
    timeline.frameRate(VIDEO, NTSC);
    assertThat(timeline.frameRate(VIDEO)).isEqualTo(NTSC);
  }

  /** A file of FFmpeg's FLV muxer: x264 with a B pyramid at 29.97 fps, AAC at 44.1 kHz. */
  @Test
  void timesOfARealMuxerFallOnTheGrid() {
    Timeline timeline = rtmp();
    timeline.frameRate(VIDEO, FrameRates.fromDecimal(29.97));
    String packets = new String(Fixtures.bytes("/flv/bframes.packets.csv"), UTF_8);
    long frame = 0;
    long audioFrame = 0;
    long firstAudio = 0;
    for (String line : packets.lines().toList()) {
      String[] field = line.split(",");
      long pts = Long.parseLong(field[1]);
      long dts = Long.parseLong(field[2]);
      if (field[0].equals("video")) {
        VideoStamp stamp = timeline.video(VIDEO, dts, pts - dts);
        assertThat(stamp.dtsTicks()).isEqualTo(frame++ * 12_012);
        assertThat((stamp.ptsTicks() - stamp.dtsTicks()) % 12_012).isZero();
        assertThat(Math.abs(stamp.ptsTicks() - pts * 360)).isLessThanOrEqualTo(540);
      } else {
        long placed = timeline.audio(AUDIO, dts, 44_100, 1024);
        firstAudio = audioFrame == 0 ? placed : firstAudio;
        assertThat(placed - firstAudio).isEqualTo(1024 * audioFrame++);
      }
    }
    assertThat(frame).isEqualTo(45);
    assertThat(audioFrame).isGreaterThan(60);
    assertThat(timeline.counters()).isEqualTo(new Timeline.Counters(0, 0, 0, 0));
  }

  @Test
  void presentationBeforeDecodingIsKept() {
    Timeline timeline = rtmp();
    timeline.frameRate(VIDEO, new Rational(25, 1));
    timeline.video(VIDEO, 0, 0);
    assertThat(timeline.video(VIDEO, 40, -40)).isEqualTo(new VideoStamp(14_400, 0));
  }

  @Test
  void aFormatChangeOfTheAudioStartsANewCountAtTheSameTime() {
    Timeline timeline = rtmp();
    for (int i = 0; i < 47; i++) {
      timeline.audio(AUDIO, 1024L * i / 48, 48_000, 1024);
    }
    long pts = timeline.audio(AUDIO, 1003, 44_100, 1024);
    assertThat(pts).isEqualTo(Math.round(1.003 * 44_100));
    assertThat(timeline.audio(AUDIO, 1026, 44_100, 1024)).isEqualTo(pts + 1024);
  }

  /** After both clocks start again at zero with the sound ahead, sound and picture still meet. */
  @Test
  void aRestartThatOverlapsKeepsTheNewOffset() {
    Timeline timeline = rtmp();
    for (int ms = 0; ms < 1000; ms += 20) {
      timeline.video(VIDEO, 90_000 + ms, 0);
    }
    for (int i = 0; i < 60; i++) {
      timeline.audio(AUDIO, 90_000 + 64L * i / 3, 48_000, 1024);
    }
    VideoStamp video = timeline.video(VIDEO, 0, 0);
    long last = -1;
    long audio = 0;
    for (int i = 0; i < 30; i++) {
      audio = timeline.audio(AUDIO, 64L * i / 3, 48_000, 1024);
      assertThat(audio).isGreaterThan(last);
      last = audio;
    }
    double audioSinceRestart = audio / 48_000.0 - video.dtsTicks() / TICKS;
    assertThat(audioSinceRestart)
        .isBetween(29 * 1024 / 48_000.0 - 0.002, 29 * 1024 / 48_000.0 + 0.002);
    assertThat(timeline.counters().jumps()).isEqualTo(1);
  }

  @Test
  void anythingGoesInAndOrderComesOut() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Timeline timeline = rtmp();
      timeline.frameRate(VIDEO, random.nextBoolean() ? NTSC : null);
      long lastDts = Long.MIN_VALUE;
      double lastAudio = Double.NEGATIVE_INFINITY;
      long wire = 0;
      for (int i = 0; i < 1_500; i++) {
        wire =
            switch (random.nextInt(20)) {
              case 0 -> random.nextLong();
              case 1 -> wire - random.nextInt(2_000);
              case 2 -> wire;
              default -> wire + random.nextInt(60);
            };
        if (random.nextBoolean()) {
          long dts = timeline.video(VIDEO, wire, random.nextInt(1 << 24) - (1 << 23)).dtsTicks();
          assertThat(dts).as("seed %d", seed).isGreaterThan(lastDts);
          lastDts = dts;
        } else {
          int rate = random.nextInt(50) == 0 ? 44_100 : 48_000;
          double pts = (double) timeline.audio(AUDIO, wire, rate, 1024) / rate;
          assertThat(pts).as("seed %d", seed).isGreaterThan(lastAudio - 0.000_03);
          lastAudio = pts;
        }
      }
      assertThat(lastDts / TICKS).as("seed %d", seed).isLessThan(1_500 * 3.1);
    }
  }

  /** 29.97 fps in milliseconds and nanoseconds: exact without any grid. */
  @Test
  void nanosecondsFillUpAMillisecond() {
    Timeline timeline = rtmp();
    for (int n = 0; n < 29; n++) {
      long nanos = n * 1001L * 1_000_000_000 / 30_000;
      int offset = (int) (nanos % 1_000_000);
      assertThat(timeline.video(VIDEO, nanos / 1_000_000, 0, offset))
          .isEqualTo(new VideoStamp(n * 12_012, n * 12_012));
    }
    VideoStamp reordered = timeline.video(VIDEO, 967, 67, 633_333);
    assertThat(reordered).isEqualTo(new VideoStamp(967 * 360, (967 + 67) * 360 + 228));
    assertThat(timeline.audio(AUDIO, 21, 333_333, 48_000, 1024)).isEqualTo(1024);
  }

  @Test
  void tracksOutsideTheBoundAreRefused() {
    Timeline timeline = rtmp();
    int last = Timeline.MAXIMUM_TRACKS - 1;
    assertThat(timeline.audio(last, 0, 48_000, 1024)).isZero();
    for (int track : new int[] {-1, Timeline.MAXIMUM_TRACKS + 1, VIDEO}) {
      assertThatThrownBy(() -> timeline.audio(track, 0, 48_000, 1024))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (int track : new int[] {-2, Timeline.MAXIMUM_TRACKS, AUDIO}) {
      assertThatThrownBy(() -> timeline.video(track, 0, 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  /** Two programs of one multiplex with clocks of their own: each jump is its own program's. */
  @Test
  void tracksOfUnrelatedClocksRunSideBySide() {
    Timeline timeline = new Timeline(new Timescale(90_000), 33, 0);
    long second = 5_000_000_000L;
    long lastVideo = -1;
    for (int n = 0; n < 3_000; n++) {
      long wire = 3_600L * n;
      long jumped = n < 1_500 ? wire : wire + 2_000_000_000L;
      long video = timeline.video(VIDEO, jumped, 0).dtsTicks();
      long other = timeline.video(TrackEvent.videoTrack(1), second + wire, 0).dtsTicks();
      long sound = timeline.audio(TrackEvent.audioTrack(1), second + wire, 25, 1);
      assertThat(video).isEqualTo(14_400L * n).isGreaterThan(lastVideo);
      assertThat(other).isEqualTo(14_400L * n);
      assertThat(sound).isEqualTo(n);
      lastVideo = video;
    }
    assertThat(timeline.counters().jumps()).isEqualTo(2);
  }

  @Test
  void oddWireClocksAreRefused() {
    assertThatThrownBy(() -> new Timeline(new Timescale(48_000), 32, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Timeline(Timescale.MILLIS, 64, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
