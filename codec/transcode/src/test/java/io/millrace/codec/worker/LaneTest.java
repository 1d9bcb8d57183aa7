package io.millrace.codec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.codec.Clips;
import io.millrace.codec.RecordingSink;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A rendition gets every boundary once and in order, whatever its workers say and do. */
class LaneTest {
  private static final long FRAME = 12_000;
  private static final long SEGMENT = 720_000;

  private static final TrackFormat.Video FORMAT = Clips.record(Clips.small(), 80).videoFormat();

  private final RecordingSink rendition = new RecordingSink();
  private final Lane lane = new Lane("180p", VideoCodec.H264, rendition);

  private static TrackFormat.Video video(VideoCodec codec, byte[] record) {
    return new TrackFormat.Video(
        codec,
        "avc1.42c00d",
        record,
        320,
        180,
        Rational.ONE,
        new Rational(30, 1),
        Colour.UNSPECIFIED,
        0);
  }

  private static Boundary boundary(long sequence) {
    return new Boundary(sequence, sequence * SEGMENT, Clips.EPOCH, false, 0);
  }

  /** As a worker names it: only the number is right. */
  private static Boundary named(long sequence) {
    return new Boundary(sequence, 1, Instant.EPOCH, true, 5);
  }

  private static Sample sample(long ptsTicks, boolean key) {
    return new Sample(0, ptsTicks, ptsTicks, FRAME, key, Unpooled.wrappedBuffer(new byte[] {1}));
  }

  private void work(long sequence, int pictures) throws WireException {
    lane.expect(boundary(sequence));
    lane.reached(sequence * SEGMENT + pictures * FRAME);
    lane.take(named(sequence));
    for (int i = 0; i < pictures; i++) {
      lane.take(sample(sequence * SEGMENT + i * FRAME, i == 0));
    }
  }

  private List<Long> sequences() {
    return rendition.boundaries().stream().map(Boundary::sequence).toList();
  }

  @Test
  void boundariesAreTheServersOwn() throws WireException {
    lane.take(new Format(0, FORMAT));
    work(3, 2);
    assertThat(rendition.boundaries()).containsExactly(boundary(3));
    assertThat(rendition.samples()).hasSize(2);
  }

  @Test
  void whatAWorkerOwesComesWhenItIsLostAndWithoutOneTheyPass() throws WireException {
    lane.take(new Format(0, FORMAT));
    work(3, 2);
    lane.expect(boundary(4));
    lane.expect(boundary(5));
    lane.lost();
    lane.pass(boundary(6));
    lane.take(new Format(0, FORMAT));
    work(7, 1);
    assertThat(sequences()).containsExactly(3L, 4L, 5L, 6L, 7L);
    assertThat(rendition.samples()).hasSize(3);
    assertThat(rendition.events(Format.class)).hasSize(1); // the next worker's is the same
    assertThat(rendition.events().get(4)).isEqualTo(new End("the rung is interrupted"));
  }

  @Test
  void decodingTimesGoOnOverANewWorker() throws WireException {
    lane.take(new Format(0, FORMAT));
    lane.expect(boundary(0));
    lane.take(named(0));
    lane.take(new Sample(0, 900, 1000, FRAME, true, Unpooled.wrappedBuffer(new byte[1])));
    lane.lost();
    lane.expect(boundary(1));
    lane.take(named(1));
    lane.take(new Sample(0, 850, SEGMENT, FRAME, true, Unpooled.wrappedBuffer(new byte[1])));
    assertThat(rendition.samples().stream().map(Sample::dtsTicks)).containsExactly(900L, 901L);
  }

  @Test
  void endsAndDiscontinuitiesAreDeliveredOnce() throws WireException {
    lane.take(new Format(0, FORMAT));
    work(0, 1);
    lane.expect(new Discontinuity("jump"));
    lane.take(new Discontinuity("something else"));
    lane.expect(new End("publisher left"));
    lane.lost();
    assertThat(rendition.events(Discontinuity.class)).containsExactly(new Discontinuity("jump"));
    assertThat(rendition.events(End.class)).containsExactly(new End("publisher left")); // no media
  }

  @Test
  void samplesBeforeTheFirstBoundaryOfAWorkerAreLeftOut() throws WireException {
    lane.take(new Format(0, FORMAT));
    work(0, 1);
    lane.lost();
    Sample early = sample(FRAME, true);
    lane.take(early);
    assertThat(early.payload().refCnt()).isZero();
    assertThat(rendition.samples()).hasSize(1);
  }

  @Test
  void whatNoLadderMakesIsRefusedAndReleased() throws WireException {
    assertRefused(sample(0, true)); // without a format
    lane.take(new Format(0, FORMAT));
    work(1, 1);
    assertRefused(sample(SEGMENT + 100 * 360_000, false)); // long behind the source
    assertRefused(sample(SEGMENT - 100 * 360_000, false)); // long before the segment
    assertRefused(sample(Long.MAX_VALUE, false));
    assertRefused(sample(Long.MIN_VALUE, false));
    ByteBuf payload = Unpooled.wrappedBuffer(new byte[] {1});
    assertRefused(new Sample(1, SEGMENT + FRAME, SEGMENT + FRAME, FRAME, true, payload.retain()));
    assertRefused(new Sample(0, SEGMENT + FRAME, SEGMENT + FRAME, -1, true, payload.retain()));
    assertRefused(
        new Sample(0, SEGMENT - 36_000_000, SEGMENT + FRAME, FRAME, true, payload.retain()));
    assertRefused(named(9));
    assertRefused(named(1)); // a second time
    assertRefused(new Discontinuity("of its own"));
    assertRefused(new Format(0, video(VideoCodec.AV1, new byte[] {(byte) 0x81, 0, 0, 0})));
    assertRefused(new Format(0, video(VideoCodec.H264, new byte[] {1, 2, 3})));
    assertRefused(new Format(1, Messages.AUDIO));
    assertThat(payload.release()).isTrue();
    assertThat(sequences()).containsExactly(1L);
  }

  private void assertRefused(TrackEvent event) {
    assertThatThrownBy(() -> lane.take(event)).isInstanceOf(WireException.class);
    if (event instanceof Sample sample && sample.payload().refCnt() > 1) {
      throw new AssertionError("not released: " + event);
    }
  }

  @Test
  void aFloodInOneSegmentIsRefused() throws WireException {
    lane.take(new Format(0, FORMAT));
    work(0, 1);
    assertThatThrownBy(
            () -> {
              for (int i = 1; i < 100_000; i++) {
                lane.take(sample(i, false));
              }
            })
        .isInstanceOf(WireException.class)
        .hasMessageContaining("too many");
  }

  @Test
  void aRungThatNeverMovesIsRefused() {
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100_000; i++) {
                lane.expect(boundary(i));
              }
            })
        .isInstanceOf(WireException.class);
  }

  @Test
  void aFailedRungHearsNothingMore() throws WireException {
    lane.take(new Format(0, FORMAT));
    work(0, 1);
    lane.fail();
    lane.pass(boundary(1));
    lane.expect(boundary(2));
    lane.lost();
    assertThat(sequences()).containsExactly(0L);
  }
}
