package io.millrace.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimescaleTest {
  @ParameterizedTest
  @CsvSource({
    "24000, 1001",
    "24, 1",
    "25, 1",
    "30000, 1001",
    "30, 1",
    "48, 1",
    "50, 1",
    "60000, 1001",
    "60, 1",
    "120000, 1001",
    "144, 1"
  })
  void videoTimescaleCountsEveryBroadcastRateExactly(long numerator, long denominator) {
    assertThat(Timescale.VIDEO.ticksPerSecond() * denominator % numerator).isZero();
  }

  @Test
  void rescaleAgreesWithExactArithmetic() {
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      long ticks = random.nextLong() >> random.nextInt(20, 60);
      Timescale from = new Timescale(random.nextInt(1, 1_000_000));
      Timescale to = new Timescale(random.nextInt(1, 1_000_000));
      long expected =
          BigDecimal.valueOf(ticks)
              .multiply(BigDecimal.valueOf(to.ticksPerSecond()))
              .divide(BigDecimal.valueOf(from.ticksPerSecond()), 0, RoundingMode.HALF_UP)
              .longValueExact();
      assertThat(from.rescale(ticks, to)).as("%d %s %s", ticks, from, to).isEqualTo(expected);
    }
  }

  @Test
  void overflowIsAnErrorNotAWrap() {
    assertThatThrownBy(() -> new Timescale(1).rescale(Long.MAX_VALUE, Timescale.VIDEO))
        .isInstanceOf(ArithmeticException.class);
  }
}
