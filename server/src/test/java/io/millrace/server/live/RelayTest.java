package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.ladder.LadderEngine;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayTest {
  private final List<Long> heard = new ArrayList<>();
  private final List<ByteBuf> payloads = new ArrayList<>();
  private int left;
  private final Relay relay =
      new Relay(
          event -> {
            if (event instanceof Sample sample) {
              heard.add(sample.dtsTicks());
            }
            event.release();
          },
          () -> left++);

  private Sample sample(long ticks, int sizeBytes) {
    ByteBuf payload = Unpooled.buffer().writeZero(sizeBytes);
    payloads.add(payload);
    return new Sample(TrackEvent.VIDEO_TRACK, ticks, ticks, 1, true, payload);
  }

  private void assertReleased() {
    assertThat(payloads).allMatch(payload -> payload.refCnt() == 0);
  }

  @Test
  void whatComesEarlyIsHeldUntilTheOneBeforeHasLeft() {
    TrackSink first = relay.next();
    TrackSink second = relay.next();
    TrackSink third = relay.next();
    third.accept(sample(5, 1));
    second.accept(sample(3, 1));
    first.accept(sample(1, 1));
    second.accept(LadderEngine.LEFT);
    first.accept(sample(2, 1));
    assertThat(heard).containsExactly(1L, 2L);
    first.accept(LadderEngine.LEFT);
    assertThat(heard).containsExactly(1L, 2L, 3L, 5L);
    third.accept(sample(6, 1));
    assertThat(heard).endsWith(6L);
    assertThat(left).isZero();
    third.accept(LadderEngine.LEFT);
    assertThat(left).isOne();
    first.accept(sample(7, 1));
    assertThat(heard).doesNotContain(7L);
    assertReleased();
  }

  @Test
  void oneThatFailsIsFollowedByTheNext() {
    TrackSink first = relay.next();
    assertThat(relay.failed()).as("nobody follows").isFalse();
    TrackSink second = relay.next();
    second.accept(sample(2, 1));
    assertThat(relay.failed()).isTrue();
    assertThat(heard).containsExactly(2L);
    first.accept(sample(1, 1));
    assertThat(heard).containsExactly(2L);
    assertReleased();
  }

  @Test
  void oneThatDoesNotLeaveIsCutOff() {
    TrackSink first = relay.next();
    TrackSink second = relay.next();
    for (int i = 0; i < 17; i++) {
      second.accept(sample(100 + i, 1 << 20));
    }
    first.accept(sample(1, 1));
    assertThat(heard).hasSize(17).doesNotContain(1L);
    assertReleased();
  }

  @Test
  void whatIsHeldAtTheEndIsReleased() {
    relay.next();
    relay.next().accept(sample(1, 1));
    relay.close();
    assertThat(heard).isEmpty();
    assertReleased();
  }
}
