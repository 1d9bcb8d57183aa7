package io.millrace.media;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameRatesTest {
  @ParameterizedTest
  @CsvSource({
    "23.976, 24000, 1001",
    "23.98, 24000, 1001",
    "24, 24, 1",
    "29.97, 30000, 1001",
    "29.97002997002997, 30000, 1001",
    "30, 30, 1",
    "30.0003, 30, 1",
    "59.94, 60000, 1001",
    "60, 60, 1",
    "12.5, 25, 2",
    "27.5, 55, 2",
    "1, 1, 1"
  })
  void decimalsMeanTheStandardRateTheyAreNear(double decimal, int numerator, int denominator) {
    assertThat(FrameRates.fromDecimal(decimal)).isEqualTo(new Rational(numerator, denominator));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -30, 1000, 90_000, Double.NaN, Double.POSITIVE_INFINITY, 1e-9})
  void absurdNumbersMeanNothing(double decimal) {
    assertThat(FrameRates.fromDecimal(decimal)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "60000, 2002, 30000/1001",
    "50, 2, 25",
    "4294967295, 4294967295, 1",
    "4294967295, 2, ",
    "0, 1, ",
    "1, 0, ",
    "90000, 1, "
  })
  void timingGivesARateUnlessItIsATimeBase(long numerator, long denominator, String expected) {
    Rational rate = FrameRates.ofTiming(numerator, denominator);
    assertThat(rate == null ? null : rate.toString()).isEqualTo(expected);
  }
}
