package io.millrace.transport.srt.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SequenceNumberTest {
  @Test
  void wrapsAt31Bits() {
    assertThat(SequenceNumber.next(SequenceNumber.MAX)).isZero();
    assertThat(SequenceNumber.previous(0)).isEqualTo(SequenceNumber.MAX);
    assertThat(SequenceNumber.add(5, -10)).isEqualTo(SequenceNumber.MAX - 4);
    assertThat(SequenceNumber.distance(SequenceNumber.MAX, 1)).isEqualTo(2);
    assertThat(SequenceNumber.distance(1, SequenceNumber.MAX)).isEqualTo(-2);
    assertThat(SequenceNumber.isBefore(SequenceNumber.MAX, 0)).isTrue();
    assertThat(SequenceNumber.isBefore(0, SequenceNumber.MAX)).isFalse();
    assertThat(SequenceNumber.isBefore(7, 7)).isFalse();
    assertThat(SequenceNumber.count(SequenceNumber.MAX, 0)).isEqualTo(2);
    assertThat(SequenceNumber.count(1, 0)).isZero();
  }

  @Test
  void distanceUndoesAdd() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      int from = random.nextInt() & SequenceNumber.MAX;
      int delta = random.nextInt() >> 2;
      int to = SequenceNumber.add(from, delta);
      assertThat(to).isNotNegative();
      assertThat(SequenceNumber.distance(from, to)).isEqualTo(delta);
    }
  }
}
