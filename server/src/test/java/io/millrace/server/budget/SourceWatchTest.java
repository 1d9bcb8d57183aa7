package io.millrace.server.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.Profile;
import io.millrace.codec.cost.CostModel;
import io.millrace.codec.cost.Costs;
import io.millrace.codec.cost.EncoderCost;
import io.millrace.codec.cost.PixelCost;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A worker that takes 0.5 cores, of which its one encoder takes 0.3, calibrated to 0.1. */
class SourceWatchTest {
  private static final long LOOK_NS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final TrackFormat.Video SOURCE =
      new TrackFormat.Video(
          VideoCodec.H264,
          "avc1",
          new byte[0],
          1280,
          720,
          Rational.ONE,
          new Rational(25, 1),
          new Colour(1, 1, 1, false),
          0);
  private static final LadderPlan PLAN =
      LadderPlan.resolve(
          new Ladder(
              List.of(VideoRung.of("720p", VideoCodec.H264, 720, 2_500_000, Profile.FAST)), null),
          SOURCE);

  private final CostEstimates estimates =
      new CostEstimates(
          new CostModel(
              new Costs(
                  List.of(
                      new EncoderCost(VideoCodec.H264, Profile.FAST, "veryfast", 1280 * 720, 0.01)),
                  List.of(new PixelCost(1280 * 720, 0.1 / 25)),
                  List.of(new PixelCost(1280 * 720, 0.0001)),
                  0)));
  private long nowNs = TimeUnit.HOURS.toNanos(1);
  private final SourceWatch watch = new SourceWatch(nowNs);
  private double workerCpuS = 3; // its start, and what it did before it was this stream's
  private double encoderCpuS;
  private int waiting;

  private void pass(double seconds) {
    for (int i = 0; i < seconds * 4; i++) {
      nowNs += LOOK_NS;
      workerCpuS += 0.5 / 4;
      encoderCpuS += 0.3 / 4;
      RungStats rung =
          new RungStats(
              "720p",
              "x",
              1,
              1,
              0,
              1,
              1,
              0,
              Math.round(encoderCpuS * 1e9),
              2,
              0,
              false,
              false,
              "",
              false);
      watch.look(
          new TranscoderStats(1, 0, 0, 0, 0, 0, waiting, List.of(rung)),
          Math.round(workerCpuS * 1e9),
          PLAN,
          Set.of(),
          estimates,
          LOOK_NS,
          nowNs);
    }
  }

  private double cores() {
    return watch.cores(PLAN, Set.of(), estimates, nowNs);
  }

  @Test
  void countsAllThatAWorkerDoesButEncode() {
    pass(0.5);
    assertThat(cores()).as("as calibrated").isCloseTo(0.1, within(0.02));
    assertThat(watch.comingCores(PLAN, Set.of(), estimates, nowNs)).isBetween(0.03, 0.1);
    pass(20);
    assertThat(cores()).isCloseTo(0.2, within(0.01));
    assertThat(watch.comingCores(PLAN, Set.of(), estimates, nowNs)).isZero();
    assertThat(estimates.source(PLAN, Set.of(), RungPace.FULL))
        .as("what the next stream will take")
        .isCloseTo(0.2, within(0.01));
  }

  @Test
  void isShownBesideWhatIsPredictedOfThisVeryStream() {
    pass(1);
    assertThat(predicted()).as("as calibrated").isCloseTo(0.1, within(0.02));
    pass(20);
    estimates.learnSource(PLAN, Set.of(), RungPace.FULL, 0.6, 60, new CostEstimates.Mean());
    assertThat(predicted()).as("whatever others take").isCloseTo(0.2, within(0.01));
    CpuUse shown = watch.shown(PLAN, Set.of(), estimates);
    assertThat(shown.measuredCores()).isCloseTo(0.2, within(0.01));
    assertThat(watch.shown(PLAN, Set.of(), new CostEstimates(null)).predictedCores()).isEmpty();
  }

  private double predicted() {
    return watch.shown(PLAN, Set.of(), estimates).predictedCores().orElseThrow();
  }

  @Test
  void whatAnotherWorkersEncodersHaveDoneIsNotItsOwn() {
    pass(20);
    encoderCpuS = 0; // the next worker counts anew, and the server does not
    pass(1);
    assertThat(cores()).isCloseTo(0.2, within(0.01));
  }

  @Test
  void isLateWhileHalfASecondWaits() {
    pass(10);
    assertThat(watch.isLate()).isFalse();
    assertThat(watch.wasLate(nowNs)).isFalse();
    waiting = 40;
    pass(0.25);
    assertThat(watch.isLate()).isTrue();
    waiting = 140;
    pass(0.5);
    assertThat(watch.isLate()).isTrue();
    waiting = 120;
    pass(0.25);
    assertThat(watch.isLate()).as("it catches up").isFalse();
    assertThat(watch.wasLate(nowNs)).isTrue();
    waiting = 115;
    pass(0.25);
    assertThat(watch.isLate()).as("too slowly").isTrue();
    waiting = 0;
    pass(0.25);
    assertThat(watch.isLate()).isFalse();
    assertThat(watch.wasLate(nowNs)).as("a moment ago").isTrue();
    pass(3);
    assertThat(watch.wasLate(nowNs)).isFalse();
  }
}
