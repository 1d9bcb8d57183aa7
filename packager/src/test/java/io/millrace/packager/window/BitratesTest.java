package io.millrace.packager.window;

import static io.millrace.packager.window.SegmentWindowTest.gap;
import static io.millrace.packager.window.SegmentWindowTest.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.segment.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class BitratesTest {
  private static final long TARGET_US = 2_000_000;

  private static Bitrates measure(List<Interval> intervals) {
    BitrateMeter meter = new BitrateMeter();
    intervals.forEach(interval -> meter.add(interval, 0, TARGET_US));
    return meter.rates();
  }

  @Test
  void whatHasSlidOutDoesNotCount() {
    BitrateMeter meter = new BitrateMeter();
    meter.add(segment(0, 0, 2, 900_000), 0, TARGET_US);
    for (int i = 1; i < 6; i++) {
      meter.add(segment(i, 2 * i, 2 * i + 2, 250_000), Math.max(0, i - 3), TARGET_US);
      assertThat(meter.rates().peakBps()).isEqualTo(i < 4 ? 3_600_000 : 1_000_000);
    }
    assertThat(meter.rates().averageBps()).isEqualTo(1_000_000);
  }

  @Test
  void peakIsTheLargestSegmentAndAverageIsOverAll() {
    Bitrates rates = measure(List.of(segment(0, 0, 2, 250_000), segment(1, 2, 4, 500_000)));
    assertThat(rates).isEqualTo(new Bitrates(2_000_000, 1_500_000));
  }

  @Test
  void segmentShorterThanHalfTheTargetCountsWithItsNeighbours() {
    Bitrates rates =
        measure(
            List.of(
                segment(0, 0, 2, 250_000),
                segment(1, 2, 2.5, 250_000),
                segment(2, 2.5, 4.5, 250_000)));
    assertThat(rates.peakBps()).isEqualTo(500_000 * 8 * 10 / 25);
  }

  @Test
  void runDoesNotReachOverAGap() {
    Bitrates rates =
        measure(List.of(segment(0, 0, 0.5, 250_000), gap(1, 0.5, 2), segment(2, 2, 4, 250_000)));
    assertThat(rates.peakBps()).isEqualTo(500_000L * 8 * 10 / 25);
    assertThat(rates.averageBps()).isEqualTo(500_000L * 8 * 10 / 25);
  }

  @Test
  void nothingIsMeasuredWithoutASegment() {
    assertThat(measure(List.of(gap(0, 0, 2)))).isEqualTo(Bitrates.NONE);
  }

  @Test
  void ratesMoveByMoreThanATenth() {
    Bitrates published = new Bitrates(1000, 1000);
    assertThat(new Bitrates(1100, 900).movedFrom(published)).isFalse();
    assertThat(new Bitrates(1101, 1000).movedFrom(published)).isTrue();
    assertThat(new Bitrates(1000, 899).movedFrom(published)).isTrue();
    assertThat(new Bitrates(1, 1).movedFrom(Bitrates.NONE)).isTrue();
  }
}
