package io.millrace.loadtest.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.loadtest.quality.BjontegaardDelta.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected numbers are SciPy's: PchipInterpolator of ln(rate), integrated. */
class BjontegaardDeltaTest {
  /** The example of the widespread bjontegaard_metric.py. */
  private static final List<Sample> ANCHOR =
      List.of(
          new Sample(40.28, 686.76),
          new Sample(37.18, 309.58),
          new Sample(34.24, 157.11),
          new Sample(31.42, 85.95));

  private static final List<Sample> OTHER =
      List.of(
          new Sample(40.39, 893.34),
          new Sample(37.21, 407.8),
          new Sample(34.17, 204.93),
          new Sample(31.24, 112.75));

  @Test
  void publishedExamples() {
    assertThat(BjontegaardDelta.of(ANCHOR, OTHER))
        .hasValueCloseTo(0.3137987820239754, within(1e-10));
    // That of the Python package bjontegaard.
    assertThat(
            BjontegaardDelta.of(
                List.of(
                    new Sample(40.037, 9487.76),
                    new Sample(38.615, 4593.60),
                    new Sample(36.845, 2486.44),
                    new Sample(34.851, 1358.24)),
                List.of(
                    new Sample(40.121, 9787.80),
                    new Sample(38.651, 4469.00),
                    new Sample(36.970, 2451.52),
                    new Sample(34.987, 1356.24))))
        .hasValueCloseTo(-0.04417485350589112, within(1e-10));
  }

  @Test
  void theSameCurveIsNoDifferenceAndHalfOfItIsHalf() {
    assertThat(BjontegaardDelta.of(ANCHOR, ANCHOR)).hasValue(0);
    List<Sample> half =
        ANCHOR.stream().map(it -> new Sample(it.quality(), it.amount() / 2)).toList();
    assertThat(BjontegaardDelta.of(ANCHOR, half)).hasValueCloseTo(-0.5, within(1e-12));
    assertThat(BjontegaardDelta.of(half, ANCHOR)).hasValueCloseTo(1.0, within(1e-12));
  }

  @Test
  void onlyQualitiesThatBothCurvesHaveCount() {
    List<Sample> above = ANCHOR.stream().map(it -> new Sample(it.quality() + 9, 1)).toList();
    assertThat(BjontegaardDelta.of(ANCHOR, above)).isEmpty();
    List<Sample> perfect = List.of(new Sample(40, 100), new Sample(40, 200));
    assertThat(BjontegaardDelta.of(ANCHOR, perfect)).isEmpty();
    List<Sample> wider =
        List.of(
            new Sample(20, 10),
            new Sample(31.42, 85.95),
            new Sample(34.24, 157.11),
            new Sample(37.18, 309.58),
            new Sample(40.28, 686.76));
    assertThat(BjontegaardDelta.of(ANCHOR, wider)).isPresent();
    assertThat(Math.abs(BjontegaardDelta.of(ANCHOR, wider).getAsDouble())).isLessThan(0.01);
  }

  @Test
  void ofTwoPointsOfOneQualityTheCheaperCounts() {
    List<Sample> twice =
        List.of(ANCHOR.get(0), ANCHOR.get(1), new Sample(34.24, 500), ANCHOR.get(2), ANCHOR.get(3));
    assertThat(BjontegaardDelta.of(ANCHOR, twice)).hasValue(0);
  }

  @Test
  void theCurveIsThatOfPchip() {
    MonotoneCubic curve =
        new MonotoneCubic(new double[] {0, 1, 3, 4, 7}, new double[] {0, 2, 3, 3, 1});
    assertThat(curve.at(0)).isZero();
    assertThat(curve.at(7)).isEqualTo(1);
    double[] places = {0.5, 2, 3.5, 5, 6.9};
    double[] values = {
      1.2053571428571428, 2.7142857142857144, 3, 2.740740740740741, 1.115537037037
    };
    for (int i = 0; i < places.length; i++) {
      assertThat(curve.at(places[i])).isCloseTo(values[i], within(1e-10));
    }
    assertThat(curve.integral(0.5, 6.5)).isCloseTo(15.348296957671959, within(1e-10));
    assertThatThrownBy(() -> new MonotoneCubic(new double[] {1, 1}, new double[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
