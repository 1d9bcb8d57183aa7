package io.millrace.loadtest.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.loadtest.bench.LadderReport.Result;
import io.millrace.loadtest.bench.MeasuredCommand.Usage;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.publish.TestClip;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated
class LadderBenchTest {
  private static final TestSourceSettings SMALL =
      TestSourceSettings.hd(Instant.EPOCH)
          .withSize(320, 180, 300_000)
          .withFrameRate(new Rational(30, 1), 30, false);

  private final FlvClip clip = TestClip.make(SMALL, Duration.ofSeconds(3));

  @Test
  void clipStartsASegmentAtEachKeyFrame() {
    List<TrackEvent> events = new ArrayList<>();
    List<Long> keyTicks = new ArrayList<>();
    new ClipVideo(clip)
        .feed(
            event -> {
              events.add(event);
              if (event instanceof TrackEvent.Sample sample && sample.key()) {
                keyTicks.add(sample.ptsTicks());
              }
              event.release();
            });

    assertThat(events.getFirst()).isInstanceOf(TrackEvent.Format.class);
    assertThat(events.getLast()).isInstanceOf(TrackEvent.End.class);
    assertThat(events).filteredOn(TrackEvent.Sample.class::isInstance).hasSize(90);
    assertThat(events)
        .filteredOn(TrackEvent.Boundary.class::isInstance)
        .extracting(event -> ((TrackEvent.Boundary) event).startTicks())
        .isEqualTo(keyTicks)
        .hasSize(3);
    // FLV's first time is rounded to a millisecond; the rate is found after some frames.
    assertThat(keyTicks.get(1) - keyTicks.get(0)).isCloseTo(360_000, within(360L));
    assertThat(keyTicks.get(2) - keyTicks.get(1)).isEqualTo(360_000);
  }

  @Test
  void ffmpegScalesEachSizeOnceAndTheSourceSizeNever() {
    TrackFormat.Video small = new ClipVideo(clip).format();
    TrackFormat.Video hd =
        new TrackFormat.Video(
            small.codec(),
            small.codecs(),
            small.configuration(),
            1280,
            720,
            small.sampleAspectRatio(),
            small.frameRate(),
            small.colour(),
            0);
    LadderPlan plan = LadderPlan.resolve(LadderCase.H264_AV1.ladder(), hd);
    Path program = Path.of("ffmpeg");

    List<String> stock = new FfmpegLadder(program, false).command(plan, Path.of("clip.flv"));
    List<String> same = new FfmpegLadder(program, true).command(plan, Path.of("clip.flv"));

    assertThat(stock)
        .contains("[0:v]split=2[s0][s1];[s0]split=1[r0];[s1]scale=640:360,split=2[r1][r2]")
        .doesNotContain("-threads");
    assertThat(String.join(" ", stock)).contains("-svtav1-params scd=0:pred-struct=1:rtc=1");
    assertThat(same).filteredOn("-threads"::equals).hasSize(4);
    assertThat(String.join(" ", same))
        .contains("-svtav1-params lp=1:scd=0:pred-struct=1:rtc=1", "sliced-threads=0");
  }

  @Test
  void countsAreReadFromBothOutputs() {
    assertThat(
            LadderOutput.ofMillrace(
                "SVT\nrung 720p 302 6 3220480 libx264\nrung av1 301 6 523264 SVT-AV1 3.1.2\n"))
        .isEqualTo(new LadderOutput(301, List.of(3_220_480L, 523_264L)));
    assertThat(
            LadderOutput.ofFfmpeg(
                "frame=   31 fps=0.0\rframe=  302 fps= 76\n"
                    + "[out#0/null @ 0x55] video:3145KiB audio:0KiB subtitle:0KiB\n"
                    + "[out#1/null @ 0x55] video:511KiB audio:0KiB subtitle:0KiB\n"))
        .isEqualTo(new LadderOutput(302, List.of(3_220_480L, 523_264L)));
    assertThatThrownBy(() -> LadderOutput.ofFfmpeg("Conversion failed!"))
        .hasMessageContaining("Conversion failed!");
  }

  @Test
  void ratiosAreOfTheFirstToEachRoundByRound() {
    LadderOutput output = new LadderOutput(300, List.of(1_250_000L, 125_000L));
    List<Result> results =
        List.of(
            new Result(LadderCase.H264, "a", new Usage(4, 2, 100_000, ""), output),
            new Result(LadderCase.H264, "b", new Usage(8, 5, 200_000, ""), output),
            new Result(LadderCase.H264, "a", new Usage(6, 4, 100_000, ""), output),
            new Result(LadderCase.H264, "b", new Usage(6, 5, 200_000, ""), output));

    String text = new LadderReport(List.of("a", "b"), 10, results).markdown();

    String title = LadderCase.H264.title();
    assertThat(text.lines())
        .contains(
            "| " + title + " | a | 0.500 | 3.75 | 102 | 1.00 | 1.00 | 1.00 | 1000 + 100 |",
            "| " + title + " | b | 0.700 | 2.00 | 205 | 0.75 | 0.60 | 0.50 | 1000 + 100 |",
            "| " + title + " | b | 8.00 | 5.00 | 205 | 300 | 1000 + 100 |");
  }
}
