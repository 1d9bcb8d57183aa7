package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubscriptionTest {
  private static final long FRAME = Timescale.VIDEO.ticksPerSecond() / 30;
  private final List<ByteBuf> payloads = new ArrayList<>();

  @Test
  void aSlowConsumerLosesWholeSegmentsAndKeepsEveryBoundary() throws Exception {
    Subscription subscription = new Subscription(Duration.ofSeconds(3), 1 << 20);
    subscription.accept(new Format(TrackEvent.VIDEO_TRACK, LiveStreamTest.video(1)));
    for (int i = 0; i < 300; i++) {
      if (i % 60 == 0) {
        subscription.accept(boundary(i));
      }
      subscription.accept(sample(i));
    }
    subscription.accept(new End("done"));

    List<TrackEvent> out = drain(subscription);
    assertThat(out.get(0)).isInstanceOf(Format.class);
    assertThat(out.stream().filter(Boundary.class::isInstance)).hasSize(5);
    assertThat(out.getLast()).isInstanceOf(End.class);
    assertThat(subscription.drops().times()).isEqualTo(2);
    boolean complete = true;
    long expected = 0;
    for (TrackEvent event : out) {
      if (event instanceof Boundary b) {
        expected = b.startTicks();
      } else if (event instanceof Sample s) {
        complete &= s.dtsTicks() == expected;
        expected += FRAME;
        s.release();
      }
    }
    assertThat(complete)
        .as("what is left of a segment starts at its boundary and has no hole")
        .isTrue();
    assertThat(payloads).allSatisfy(p -> assertThat(p.refCnt()).isZero());
  }

  @Test
  void soundOfALostSegmentIsLostWithIt() throws Exception {
    Subscription subscription = new Subscription(Duration.ofSeconds(3), 1 << 20);
    subscription.accept(new Format(TrackEvent.AUDIO_TRACK, LiveStreamTest.audio()));
    int rate = LiveStreamTest.audio().timescale().ticksPerSecond();
    for (int i = 0; i < 300; i++) {
      if (i % 60 == 0) {
        subscription.accept(boundary(i));
      }
      subscription.accept(sample(i));
      subscription.accept(sound((long) (i - 3) * rate / 30)); // a tenth of a second behind
    }
    subscription.accept(new End("done"));

    long open = Long.MIN_VALUE;
    int heard = 0;
    for (TrackEvent event : drain(subscription)) {
      if (event instanceof Boundary boundary) {
        open = boundary.startTicks();
      } else if (event instanceof Sample sample) {
        if (sample.track() == TrackEvent.AUDIO_TRACK) {
          assertThat(new Timescale(rate).rescale(sample.ptsTicks(), Timescale.VIDEO))
              .isGreaterThanOrEqualTo(open);
          heard++;
        }
        sample.release();
      }
    }
    assertThat(subscription.drops().times()).isEqualTo(2);
    assertThat(heard).isPositive();
  }

  @Test
  void bytesAreBounded() throws Exception {
    Subscription subscription = new Subscription(Duration.ofHours(1), 1_000);
    for (int i = 0; i < 500; i++) {
      subscription.accept(sample(i));
    }
    long queued = payloads.stream().filter(p -> p.refCnt() > 0).mapToLong(ByteBuf::capacity).sum();
    assertThat(queued).isLessThanOrEqualTo(1_000);
    subscription.close();
    assertThat(subscription.take()).isNull();
    assertThat(payloads).allSatisfy(p -> assertThat(p.refCnt()).isZero());
  }

  @Test
  void whatComesAfterCloseIsReleased() {
    Subscription subscription = new Subscription(Duration.ofSeconds(3), 1_000);
    subscription.close();
    subscription.accept(sample(0));
    assertThat(payloads.getFirst().refCnt()).isZero();
  }

  private static List<TrackEvent> drain(Subscription subscription) throws InterruptedException {
    List<TrackEvent> out = new ArrayList<>();
    do {
      out.add(subscription.take());
    } while (!(out.getLast() instanceof End));
    return out;
  }

  private static Boundary boundary(int frame) {
    return new Boundary(frame / 60, frame * FRAME, Instant.EPOCH, false);
  }

  private Sample sound(long ticks) {
    ByteBuf payload = Unpooled.wrappedBuffer(new byte[10]);
    payloads.add(payload);
    return new Sample(TrackEvent.AUDIO_TRACK, ticks, ticks, 1024, true, payload);
  }

  private Sample sample(int frame) {
    ByteBuf payload = Unpooled.wrappedBuffer(new byte[100]);
    payloads.add(payload);
    return new Sample(
        TrackEvent.VIDEO_TRACK, frame * FRAME, frame * FRAME, FRAME, frame % 60 == 0, payload);
  }
}
