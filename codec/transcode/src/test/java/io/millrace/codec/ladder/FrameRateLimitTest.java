package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Rational;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrameRateLimitTest {
  private static final Rational THIRTY = new Rational(30, 1);

  @ParameterizedTest
  @CsvSource({
    "60, 1, 30, 2, 30, 1",
    "60000, 1001, 30, 2, 30000, 1001",
    "50, 1, 30, 2, 25, 1",
    "120, 1, 30, 4, 30, 1",
    "100, 1, 30, 4, 25, 1",
  })
  void knownRatesAreDividedByAWholeNumber(
      int numerator,
      int denominator,
      int maximum,
      int divisor,
      int outNumerator,
      int outDenominator) {
    Rational source = new Rational(numerator, denominator);
    Rational limit = new Rational(maximum, 1);
    assertThat(FrameRateLimit.effectiveRate(source, limit))
        .isEqualTo(new Rational(outNumerator, outDenominator));
    FrameRateLimit limiter = FrameRateLimit.of(source, limit);
    long frame = 360_000L * denominator / numerator;
    for (int i = 0; i < 1000; i++) {
      boolean jitterLate = i % 3 == 0;
      assertThat(limiter.keep(i * frame + (jitterLate ? frame / 8 : 0), false))
          .as("picture " + i)
          .isEqualTo(i % divisor == 0);
    }
  }

  @Test
  void nothingIsLeftOutBelowTheMaximum() {
    assertThat(FrameRateLimit.of(new Rational(30000, 1001), THIRTY)).isNull();
    assertThat(FrameRateLimit.of(new Rational(25, 1), THIRTY)).isNull();
    assertThat(FrameRateLimit.of(THIRTY, new Rational(30000, 1001))).as("within 1 %").isNull();
    assertThat(FrameRateLimit.of(THIRTY, null)).isNull();
  }

  @Test
  void anUnknownRateIsKeptOnTheGridOfTheMaximum() {
    FrameRateLimit limiter = FrameRateLimit.of(null, THIRTY);
    List<Long> kept = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      long pts = i * 7200L;
      if (limiter.keep(pts, false)) {
        kept.add(pts);
      }
    }
    assertThat(kept.size()).isBetween(290, 310);
    for (int i = 1; i < kept.size(); i++) {
      assertThat(kept.get(i) - kept.get(i - 1)).isBetween(7200L, 14_400L);
    }
  }

  @Test
  void aPictureAtABoundaryIsAlwaysKept() {
    FrameRateLimit limiter = FrameRateLimit.of(new Rational(60, 1), THIRTY);
    assertThat(limiter.keep(0, true)).isTrue();
    assertThat(limiter.keep(6000, true)).isTrue();
    assertThat(limiter.keep(12_000, false)).isFalse();
    assertThat(limiter.keep(18_000, false)).isTrue();
  }
}
