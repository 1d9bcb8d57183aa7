package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.monitor.InputHealth;
import io.millrace.server.config.Failover;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class InputWatchTest {
  private static final Failover RULES =
      new Failover(
          Duration.ofMillis(300),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5),
          Duration.ZERO);

  private static InputHealth health(int frozenS, int blackS, int silentS) {
    return new InputHealth(
        Duration.ofSeconds(frozenS), Duration.ofSeconds(blackS), Duration.ofSeconds(silentS));
  }

  @Test
  void aFaultIsWhatLastsLongerThanAllowed() {
    assertThat(InputWatch.fault(health(9, 4, 0), RULES)).isNull();
    assertThat(InputWatch.fault(health(10, 0, 0), RULES)).contains("frozen").contains("10000");
    assertThat(InputWatch.fault(health(6, 6, 0), RULES)).contains("black");
  }

  @Test
  void whatHasNoRuleIsNoFault() {
    assertThat(InputWatch.fault(health(0, 0, 3600), RULES)).isNull();
    assertThat(InputWatch.fault(health(3600, 3600, 3600), Failover.DEFAULT)).isNull();
  }
}
