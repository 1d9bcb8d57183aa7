package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingBoundariesTest {
  private final List<Long> empty = new ArrayList<>();
  private final PendingBoundaries boundaries =
      new PendingBoundaries(boundary -> empty.add(boundary.sequence()));

  @Test
  void theFirstPictureAtOrAfterTheStartGetsTheBoundary() {
    boundaries.add(boundary(1, 100));
    assertThat(boundaries.reach(99)).isNull();
    assertThat(boundaries.reach(120)).isEqualTo(boundary(1, 100));
    assertThat(boundaries.reach(140)).isNull();
    assertThat(empty).isEmpty();
  }

  @Test
  void whatIsPassedOverIsEmpty() {
    boundaries.add(boundary(1, 100));
    boundaries.add(boundary(2, 200));
    boundaries.add(boundary(3, 300));
    assertThat(boundaries.reach(250)).isEqualTo(boundary(2, 200));
    assertThat(empty).containsExactly(1L);
    boundaries.giveUp();
    assertThat(empty).containsExactly(1L, 3L);
  }

  @Test
  void isBoundedWhileNothingDecodes() {
    for (int i = 0; i < 100; i++) {
      boundaries.add(boundary(i, i * 10L));
    }
    assertThat(empty).hasSize(84).startsWith(0L, 1L).endsWith(83L);
  }

  private static TrackEvent.Boundary boundary(long sequence, long startTicks) {
    return new TrackEvent.Boundary(sequence, startTicks, Instant.EPOCH, false);
  }
}
