package io.millrace.server.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.ladder.RungPace;
import io.millrace.server.budget.SpeedGovernor.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One encoder that is so fast in full, and faster with less, as its levels say. */
class SpeedGovernorTest {
  private static final List<Level> LEVELS =
      List.of(
          new Level(RungPace.FULL, 1),
          new Level(new RungPace(1, false), 0.7),
          new Level(new RungPace(2, false), 0.5),
          new Level(new RungPace(2, true), 0.27));

  private long nowNs = TimeUnit.HOURS.toNanos(1);
  private final SpeedGovernor governor = new SpeedGovernor(nowNs);
  private final List<Integer> levels = new ArrayList<>();

  private void pass(int seconds, double full, boolean mayStep) {
    for (int i = 0; i < seconds * 2; i++) {
      nowNs += TimeUnit.MILLISECONDS.toNanos(500);
      double factor = full / LEVELS.get(governor.level(LEVELS)).cost();
      if (governor.look(LEVELS, factor, false, mayStep, nowNs)) {
        levels.add(governor.level(LEVELS));
      }
    }
  }

  @Test
  void anEncoderThatIsFastEnoughKeepsItsPreset() {
    pass(600, 1.15, true);
    assertThat(levels).isEmpty();
  }

  @Test
  void oneThatIsTooSlowGetsWhatMakesItFastEnoughAtOnce() {
    pass(10, 1.0, true);
    assertThat(levels).containsExactly(1);
    pass(10, 0.6, true);
    assertThat(levels).as("0.6 needs two presets").containsExactly(1, 2);
    pass(10, 0.35, true);
    assertThat(levels).as("and half the pictures").containsExactly(1, 2, 3);
    pass(300, 0.35, true);
    assertThat(levels).hasSize(3);
  }

  @Test
  void itGoesBackStepByStepWhereItIsClearlyFastEnough() {
    pass(10, 0.35, true);
    assertThat(levels).containsExactly(3);
    pass(60, 0.75, true);
    assertThat(levels).as("0.75/0.5 is clearly fast, 0.75/0.7 not").containsExactly(3, 2);
    pass(300, 0.75, true);
    assertThat(levels).as("and stays").hasSize(2);
    pass(60, 2, true);
    assertThat(levels).containsExactly(3, 2, 1, 0);
  }

  @Test
  void oneThatSwingsWaitsLongerEachTime() {
    for (int i = 0; i < 120; i++) {
      pass(5, 0.9, true);
      pass(15, 2, true);
    }
    assertThat(levels.stream().filter(level -> level == 0).count())
        .as("returns in forty minutes")
        .isBetween(1L, 25L);
  }

  @Test
  void oneThatNothingMakesFastEnoughIsLeftToBeGivenUp() {
    pass(20, 0.2, true);
    assertThat(levels).isEmpty();
    assertThat(governor.canHelp(LEVELS, 0.2, nowNs)).isFalse();
  }

  @Test
  void nothingIsDoneWhileTheWholeMachineIsFull() {
    pass(20, 0.9, false);
    assertThat(levels).isEmpty();
    pass(2, 0.9, true);
    assertThat(levels).containsExactly(1);
  }
}
