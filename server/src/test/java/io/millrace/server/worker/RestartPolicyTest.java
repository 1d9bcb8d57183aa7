package io.millrace.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.worker.RestartPolicy.Next;
import io.millrace.server.worker.RestartPolicy.Settings;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** One accident is made good at once; a row of them costs less and less. */
class RestartPolicyTest {
  private static final long MS = 1_000_000;
  private static final long SETTLED = Duration.ofSeconds(11).toNanos();

  private final RestartPolicy policy = new RestartPolicy(Settings.of(5));

  @Test
  void theFirstEndIsFollowedAtOnceAndALaterOneTooIfTheWorkerHadSettled() {
    for (int i = 0; i < 20; i++) {
      assertThat(policy.ended(SETTLED)).isEqualTo(new Next(0, false));
    }
  }

  @Test
  void quickEndsAreFollowedMoreSlowlyAndThenByAPauseThatGrows() {
    assertThat(policy.ended(0)).isEqualTo(new Next(0, false));
    assertThat(policy.ended(0)).isEqualTo(new Next(250 * MS, false));
    assertThat(policy.ended(0)).isEqualTo(new Next(500 * MS, false));
    assertThat(policy.ended(0)).isEqualTo(new Next(1000 * MS, false));
    assertThat(policy.ended(0)).isEqualTo(new Next(60_000 * MS, true));
    assertThat(pauseMs()).isEqualTo(120_000);
    assertThat(pauseMs()).isEqualTo(240_000);
    assertThat(pauseMs()).isEqualTo(480_000);
    assertThat(pauseMs()).isEqualTo(600_000);
    assertThat(pauseMs()).isEqualTo(600_000);
  }

  @Test
  void aSettledWorkerForgivesWhatWasBefore() {
    for (int i = 0; i < 12; i++) {
      policy.ended(0);
    }
    assertThat(policy.ended(SETTLED)).isEqualTo(new Next(0, false));
    assertThat(pauseMs()).isEqualTo(60_000);
  }

  /** Ends quickly until there is a pause. */
  private long pauseMs() {
    for (int i = 0; i < 10; i++) {
      Next next = policy.ended(0);
      if (next.pause()) {
        return next.delayNs() / MS;
      }
    }
    throw new AssertionError("no pause");
  }
}
