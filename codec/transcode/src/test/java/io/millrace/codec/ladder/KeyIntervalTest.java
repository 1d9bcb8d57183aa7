package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyIntervalTest {
  @Test
  void learnsTheTrueIntervalAfterTwoSegments() {
    KeyInterval interval = new KeyInterval(30);
    assertThat(interval.assumedFrames()).isEqualTo(120);
    assertThat(feed(interval, 60, 60, 60, 60, 60, 60)).containsExactly(64);
    assertThat(interval.assumedFrames()).isEqualTo(64);
  }

  @Test
  void staysWhereTheGuessIsRight() {
    KeyInterval interval = new KeyInterval(30);
    assertThat(feed(interval, 120, 119, 120, 118, 120)).isEmpty();
  }

  @Test
  void followsALongerIntervalAndDoesNotFlap() {
    KeyInterval interval = new KeyInterval(25);
    assertThat(feed(interval, 50, 50, 50)).containsExactly(54);
    List<Integer> learned = feed(interval, 250, 50, 250, 50, 250, 50, 250, 50, 250, 50, 250, 50);
    assertThat(learned).containsExactly(266);
  }

  private static List<Integer> feed(KeyInterval interval, int... segments) {
    List<Integer> learned = new ArrayList<>();
    for (int pictures : segments) {
      Integer now = interval.boundary();
      if (now != null) {
        learned.add(now);
      }
      for (int i = 1; i < pictures; i++) {
        interval.picture();
      }
    }
    return learned;
  }
}
