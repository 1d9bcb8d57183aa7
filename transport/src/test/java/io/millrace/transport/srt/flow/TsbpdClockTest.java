package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TsbpdClockTest {
  private static final long WRAP_US = 1L << 32;
  private static final long LATENCY_US = 100_000;
  private static final long BASE_US = -5_000_000;

  private final TsbpdClock clock = new TsbpdClock(BASE_US, LATENCY_US);

  @Test
  void aPacketIsDueTheLatencyAfterItsTimestamp() {
    long timestampUs = clock.arrived(1_000, BASE_US + 1_500);
    assertThat(clock.sourceTimeUs(timestampUs)).isEqualTo(BASE_US + 1_000);
    assertThat(clock.dueUs(timestampUs)).isEqualTo(BASE_US + 1_000 + LATENCY_US);
  }

  @Test
  void timestampsBeforeAndBehindAWrapAreInOrder() {
    long nowUs = BASE_US + 3 * WRAP_US + 200;
    assertThat(clock.arrived(100, nowUs)).isEqualTo(3 * WRAP_US + 100);
    assertThat(clock.arrived(WRAP_US - 100, nowUs)).isEqualTo(3 * WRAP_US - 100);
    assertThat(clock.arrived(WRAP_US / 2, BASE_US + WRAP_US / 2 + 7))
        .as("half way round, where a signed difference changes its sign")
        .isEqualTo(WRAP_US / 2);
  }

  @Test
  void driftIsTheMeanOfARound() {
    for (int i = 0; i < 1_000; i++) {
      long sentUs = i * 10_000L;
      clock.traceDrift(sentUs, 20_000, BASE_US + sentUs + (i % 2 == 0 ? 1_000 : 5_000));
    }
    assertThat(clock.driftUs()).isEqualTo(3_000);
    assertThat(clock.dueUs(0)).isEqualTo(BASE_US + LATENCY_US + 3_000);
  }

  /**
   * A round trip that grows by 8 ms makes the way here 4 ms longer, and the clocks no different.
   */
  @Test
  void aLongerRoundTripIsNoDrift() {
    clock.traceDrift(0, 20_000, BASE_US);
    for (int i = 1; i < 1_000; i++) {
      long sentUs = i * 10_000L;
      clock.traceDrift(sentUs, 28_000, BASE_US + sentUs + 4_000);
    }
    assertThat(clock.driftUs()).isZero();
  }

  @Test
  void aTimestampFarFromItsTimeCountsAsSentNow() {
    long nowUs = BASE_US + 1_000_000;
    for (long timestampUs : new long[] {4_000_000, 2_000_000_000L, WRAP_US - 15_000_000}) {
      assertThat(clock.sourceTimeUs(clock.arrived(timestampUs, nowUs))).isEqualTo(nowUs);
    }
  }

  @Test
  void aLatePacketIsNoneOfThose() {
    long nowUs = BASE_US + 20_000_000;
    assertThat(clock.arrived(12_000_000, nowUs)).isEqualTo(12_000_000);
  }
}
