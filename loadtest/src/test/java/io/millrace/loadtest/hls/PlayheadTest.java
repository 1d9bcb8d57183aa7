package io.millrace.loadtest.hls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlayheadTest {
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long SECOND_US = 1_000_000L;

  /** {@code nanoTime} may start anywhere. */
  private static final long ORIGIN_NS = -7 * SECOND_NS;

  private final Playhead playhead = new Playhead();

  @Test
  void waitsForTheStartBuffer() {
    arrive(0, 2);
    arrive(2, 2);
    playhead.advance(at(60));

    assertThat(playhead.bufferedUs()).isEqualTo(4 * SECOND_US);
    assertThat(playhead.stalls()).isZero();
  }

  @Test
  void drainsInRealTimeOncePlaying() {
    arrive(0, 6);
    playhead.advance(at(4));

    assertThat(playhead.bufferedUs()).isEqualTo(2 * SECOND_US);
    assertThat(playhead.stalls()).isZero();
  }

  @Test
  void anEmptyBufferIsOneStallUntilTheNextSegment() {
    arrive(0, 6);
    playhead.advance(at(8));
    playhead.advance(at(9));
    arrive(10, 2);
    playhead.advance(at(11));

    assertThat(playhead.stalls()).isEqualTo(1);
    assertThat(playhead.stalledUs()).isEqualTo(4 * SECOND_US);
    assertThat(playhead.bufferedUs()).isEqualTo(SECOND_US);
  }

  @Test
  void aSegmentThatComesAsTheLastOneEndsIsNoStall() {
    arrive(0, 6);
    arrive(6, 2);
    playhead.advance(at(8));

    assertThat(playhead.stalls()).isZero();
    assertThat(playhead.bufferedUs()).isZero();
  }

  private void arrive(long atS, long durationS) {
    playhead.arrived(at(atS), durationS * SECOND_US, 6 * SECOND_US);
  }

  private static long at(long seconds) {
    return ORIGIN_NS + seconds * SECOND_NS;
  }
}
