package io.millrace.media.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CadenceTest {
  private final Cadence cadence = new Cadence();

  private void add(long... dtsTicks) {
    for (long ticks : dtsTicks) {
      cadence.add(ticks);
    }
  }

  @Test
  void threeEqualStepsAreACadence() {
    add(100, 200, 300);
    assertThat(cadence.steadyTicks()).isZero();
    add(400);
    assertThat(cadence.steadyTicks()).isEqualTo(100);
  }

  @Test
  void aDroppedFrameTakesItBackUntilStepsAreEqualAgain() {
    add(100, 200, 300, 400, 600);
    assertThat(cadence.steadyTicks()).isZero();
    add(700, 800);
    assertThat(cadence.steadyTicks()).isZero();
    add(900);
    assertThat(cadence.steadyTicks()).isEqualTo(100);
  }

  @Test
  void timesRoundedToMillisecondsAreNone() {
    for (int i = 0; i < 100; i++) {
      add(Math.round(i * 1000 / 30.0) * 360);
      assertThat(cadence.steadyTicks()).isZero();
    }
  }

  @Test
  void timesThatStandStillOrGoBackAreNone() {
    add(100, 100, 100, 100, 100);
    assertThat(cadence.steadyTicks()).isZero();
    add(90, 80, 70, 60);
    assertThat(cadence.steadyTicks()).isZero();
  }

  @Test
  void anotherSourceStartsAnew() {
    add(100, 200, 300, 400);
    cadence.restart();
    assertThat(cadence.steadyTicks()).isZero();
    add(500, 600, 700);
    assertThat(cadence.steadyTicks()).isZero();
    add(800);
    assertThat(cadence.steadyTicks()).isEqualTo(100);
  }
}
