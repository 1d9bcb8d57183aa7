package io.millrace.server.push;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PushBackOffTest {
  private static final RandomGenerator MIDDLE =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return 0;
        }

        @Override
        public double nextDouble() {
          return 0.5;
        }
      };

  @Test
  void pausesDoubleFromOneSecondToThirty() {
    PushBackOff backOff = new PushBackOff(MIDDLE);
    List<Long> seconds = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      seconds.add(TimeUnit.NANOSECONDS.toSeconds(backOff.failed(0)));
    }
    assertThat(seconds).containsExactly(1L, 2L, 4L, 8L, 16L, 30L, 30L);
  }

  @Test
  void onlyAConnectionThatHasLastedBeginsAgainAtOneSecond() {
    PushBackOff backOff = new PushBackOff(MIDDLE);
    for (int i = 0; i < 5; i++) {
      backOff.failed(0);
    }
    assertThat(backOff.failed(PushBackOff.GOOD_AFTER_NS - 1)).isEqualTo(PushBackOff.LONGEST_NS);
    assertThat(backOff.failed(PushBackOff.GOOD_AFTER_NS)).isEqualTo(PushBackOff.FIRST_NS);
  }

  @Test
  void pausesDifferByAFifthAndAreNeverLongerThanThirtySeconds() {
    Random random = new Random(7);
    List<Long> first = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      first.add(new PushBackOff(random).failed(0));
    }
    assertThat(first).allSatisfy(ns -> assertThat(ns).isBetween(800_000_000L, 1_200_000_000L));
    assertThat(first.stream().distinct().count()).isGreaterThan(900);
    PushBackOff worn = new PushBackOff(random);
    for (int i = 0; i < 100; i++) {
      assertThat(worn.failed(0)).isLessThanOrEqualTo(PushBackOff.LONGEST_NS);
    }
  }
}
