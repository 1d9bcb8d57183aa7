package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentPlannerTest {
  private static final long SECOND = 360_000;

  private final SegmentPlanner planner = new SegmentPlanner(Duration.ofSeconds(6));

  /** Seconds at which segments start, with a key frame every second from {@code from} on. */
  private List<Long> starts(long from, long to) {
    List<Long> starts = new ArrayList<>();
    for (long second = from; second < to; second++) {
      if (planner.startsAtKey(second * SECOND)) {
        starts.add(second);
      }
    }
    return starts;
  }

  @Test
  void aSplicePointStartsASegmentAtTheNextKeyFrame() {
    assertThat(starts(0, 2)).containsExactly(0L);
    planner.spliceAt(8 * SECOND + SECOND / 2);
    planner.spliceAt(10 * SECOND + 700); // a key frame that is 2 ms early is meant
    planner.spliceAt(8 * SECOND + SECOND / 2);
    assertThat(starts(2, 20)).containsExactly(6L, 9L, 10L, 16L);
  }

  @Test
  void aSplicePointThatHasPassedChangesNothing() {
    assertThat(starts(0, 8)).containsExactly(0L, 6L);
    planner.spliceAt(3 * SECOND);
    planner.spliceAt(6 * SECOND);
    assertThat(starts(8, 14)).containsExactly(12L);
  }
}
