package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.BitSet;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The ring against the plainest model of it: one bit set for what is held, one for what is given
 * up.
 */
final class ReceiveBufferTest {
  private static final int WINDOW = 1_024;
  private static final int STEPS = 30_000;

  private final ReceiveBuffer buffer = new ReceiveBuffer(WINDOW, Integer.MAX_VALUE);
  private final BitSet held = new BitSet();
  private final BitSet settled = new BitSet();
  private int head;
  private int end;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void behavesLikeTheModel(long defaultSeed) {
    long seed = Long.getLong("millrace.seed", defaultSeed);
    RandomGenerator random = new Random(seed);
    for (int step = 0; step < STEPS; step++) {
      int spread = random.nextInt(10) == 0 ? WINDOW : 40;
      int position = head + random.nextInt(Math.min(spread, WINDOW));
      switch (random.nextInt(8)) {
        case 0 -> giveUp(position);
        case 1, 2, 3 -> removeHead();
        default -> store(position);
      }
      check("-Dmillrace.seed=" + seed + ", step " + step, random);
    }
    buffer.release();
  }

  private void store(int position) {
    assertThat(buffer.isInWindow(position)).isTrue();
    int missing = buffer.extendTo(position, position);
    assertThat(missing).isEqualTo(Math.max(0, position - end));
    end = Math.max(end, position + 1);
    if (!settled.get(position)) {
      ByteBuf packet = Unpooled.buffer(4).writeInt(position);
      assertThat(buffer.store(position, packet, position)).isTrue();
      held.set(position);
      settled.set(position);
    }
  }

  private void giveUp(int position) {
    if (position < end) {
      buffer.giveUp(position);
      settled.set(position);
    }
  }

  private void removeHead() {
    if (head == end) {
      return;
    }
    if (held.get(head)) {
      ByteBuf packet = buffer.poll();
      assertThat(packet.readInt()).isEqualTo(head);
      packet.release();
    } else {
      buffer.skip();
    }
    head++;
  }

  private void check(String description, RandomGenerator random) {
    assertThat(buffer.head()).as(description).isEqualTo(head);
    assertThat(buffer.end()).as(description).isEqualTo(end);
    assertThat(buffer.contiguous())
        .as(description)
        .isEqualTo(Math.min(settled.nextClearBit(head), end));
    assertThat(buffer.held()).as(description).isEqualTo(held.get(head, end).cardinality());
    assertThat(buffer.heldBytes()).as(description).isEqualTo(4 * buffer.held());
    int from = head + random.nextInt(WINDOW);
    if (from < end) {
      assertThat(buffer.nextHeld(from)).as(description).isEqualTo(next(held, from));
      assertThat(buffer.nextSettled(from)).as(description).isEqualTo(next(settled, from));
      long missing = buffer.nextMissing(from);
      assertThat(missing).as(description).isEqualTo(Math.min(settled.nextClearBit(from), end));
      if (missing < end) {
        assertThat(buffer.reportDueUs(missing)).as(description).isLessThan(head + 2L * WINDOW);
      }
    }
  }

  private int next(BitSet set, int from) {
    int found = set.nextSetBit(from);
    return found < 0 || found > end ? end : found;
  }
}
