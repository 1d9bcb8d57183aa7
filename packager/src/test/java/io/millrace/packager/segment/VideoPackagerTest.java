package io.millrace.packager.segment;

import static io.millrace.packager.Tracks.FRAME_30;
import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.discontinuity;
import static io.millrace.packager.Tracks.frame;
import static io.millrace.packager.Tracks.gop;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.segment;
import static io.millrace.packager.Tracks.sound;
import static io.millrace.packager.Tracks.video;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.packager.Fragments;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class VideoPackagerTest {
  private final Recorder recorder = new Recorder();
  private final TrackPackager packager = TrackPackager.video(Recorder.SETTINGS, 0, recorder);

  @Test
  void decodeTimeOfASegmentIsItsBoundaryToTheTick() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(7, SECOND));
    // Two frames of reordering delay: decode order I P B B.
    long delay = 2 * FRAME_30;
    long[] order = {0, 3, 1, 2, 4};
    for (int i = 0; i < order.length; i++) {
      packager.accept(
          frame(SECOND - delay + i * FRAME_30, SECOND + order[i] * FRAME_30, i == 0, 10 + i));
    }
    packager.accept(boundary(8, SECOND + 5 * FRAME_30));

    Segment segment = recorder.segment(0);
    List<Fragments.Read> samples = Recorder.samples(segment);
    assertThat(segment.sequence()).isEqualTo(7);
    assertThat(segment.startTicks()).isEqualTo(SECOND);
    assertThat(segment.endTicks()).isEqualTo(SECOND + 5 * FRAME_30);
    assertThat(samples.getFirst().dtsTicks()).isEqualTo(SECOND);
    assertThat(samples)
        .extracting(Fragments.Read::ptsTicks)
        .containsExactly(
            SECOND,
            SECOND + 3 * FRAME_30,
            SECOND + FRAME_30,
            SECOND + 2 * FRAME_30,
            SECOND + 4 * FRAME_30);
    assertThat(samples).extracting(Fragments.Read::durationTicks).containsOnly(FRAME_30);
    assertThat(samples)
        .extracting(Fragments.Read::key)
        .containsExactly(true, false, false, false, false);
  }

  @Test
  void lastSampleEndsAtTheNextBoundary() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    gop(packager, 0, 3, 10);
    packager.accept(boundary(1, 3 * FRAME_30 + 500));

    assertThat(Recorder.samples(recorder.segment(0)))
        .extracting(Fragments.Read::durationTicks)
        .containsExactly(FRAME_30, FRAME_30, FRAME_30 + 500);
  }

  @Test
  void shrinkingReorderingDelayNeverMakesADurationNegative() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 4 * FRAME_30));
    packager.accept(frame(0, 4 * FRAME_30, true, 5));
    packager.accept(frame(FRAME_30, 5 * FRAME_30, false, 5));
    packager.accept(frame(4 * FRAME_30, 6 * FRAME_30, false, 5));
    packager.accept(boundary(1, 7 * FRAME_30));
    gop(packager, 7 * FRAME_30, 1, 5);
    packager.accept(new End("test"));

    List<Fragments.Read> samples = Recorder.samples(recorder.segment(0));
    assertThat(samples).allMatch(sample -> sample.durationTicks() > 0);
    assertThat(samples.stream().mapToLong(Fragments.Read::durationTicks).sum())
        .isEqualTo(3 * FRAME_30);
    assertThat(samples)
        .extracting(Fragments.Read::ptsTicks)
        .containsExactly(4 * FRAME_30, 5 * FRAME_30, 6 * FRAME_30);
  }

  @Test
  void endSealsAtTheNaturalEndAndTheHoleBecomesGaps() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(3, 0));
    gop(packager, 0, 30, 10);
    packager.accept(new End("connection lost"));
    assertThat(recorder.segment(0).endTicks()).isEqualTo(SECOND);

    packager.accept(boundary(4, SECOND));
    packager.accept(boundary(5, 3 * SECOND));
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(6, 5 * SECOND));
    gop(packager, 5 * SECOND, 60, 10);
    packager.accept(boundary(7, 7 * SECOND));

    assertThat(recorder.intervals).extracting(Interval::sequence).containsExactly(3L, 4L, 5L, 6L);
    assertThat(recorder.gap(1).startTicks()).isEqualTo(SECOND);
    assertThat(recorder.gap(1).endTicks()).isEqualTo(3 * SECOND);
    assertThat(recorder.gap(2).endTicks()).isEqualTo(5 * SECOND);
    assertThat(recorder.segment(3).startTicks()).isEqualTo(5 * SECOND);
    assertThat(recorder.inits).as("the same format needs no new init segment").hasSize(1);
  }

  @Test
  void intervalThatDoesNotStartWithAKeyFrameIsAGap() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    packager.accept(frame(0, 0, false, 10));
    packager.accept(frame(FRAME_30, FRAME_30, true, 10));
    segment(packager, 1, 2, 10);
    packager.accept(boundary(2, 4 * SECOND));

    assertThat(recorder.gap(0)).isEqualTo(new Gap(0, false, 0, h264(1, 1).timescale(), 0, 720_000));
    assertThat(recorder.segment(1).sequence()).isEqualTo(1);
    assertThat(packager.droppedSamples()).isEqualTo(2);
  }

  @Test
  void boundariesThatNeverCameAreGapsThatShareTheHole() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(10, 0));
    gop(packager, 0, 30, 10);
    packager.accept(boundary(14, 7 * SECOND));

    assertThat(recorder.segment(0).endTicks()).isEqualTo(SECOND);
    assertThat(recorder.intervals.subList(1, 4))
        .extracting(Interval::sequence, Interval::startTicks, Interval::endTicks)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(11L, SECOND, 3 * SECOND),
            org.assertj.core.groups.Tuple.tuple(12L, 3 * SECOND, 5 * SECOND),
            org.assertj.core.groups.Tuple.tuple(13L, 5 * SECOND, 7 * SECOND));
  }

  @Test
  void absurdJumpOfTheSequenceIsNotToldOneByOne() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    packager.accept(boundary(1L << 40, SECOND));
    packager.accept(boundary((1L << 40) + 1, 2 * SECOND));

    assertThat(recorder.intervals).extracting(Interval::sequence).containsExactly(1L << 40);
  }

  @Test
  void replayOfAnOldSegmentIsDropped() {
    packager.accept(video(h264(1280, 720)));
    segment(packager, 0, 0, 10);
    segment(packager, 0, 0, 10);
    segment(packager, 1, 2, 10);
    packager.accept(boundary(2, 4 * SECOND));

    assertThat(recorder.intervals).extracting(Interval::sequence).containsExactly(0L, 1L);
    assertThat(Recorder.samples(recorder.segment(0))).hasSize(60);
    assertThat(packager.droppedSamples()).isEqualTo(60);
  }

  @Test
  void formatChangeTakesEffectBehindTheBoundary() {
    packager.accept(video(h264(1280, 720)));
    segment(packager, 0, 0, 10);
    packager.accept(video(h264(640, 360)));
    packager.accept(discontinuity(1, 2 * SECOND));
    gop(packager, 2 * SECOND, 60, 10);
    packager.accept(boundary(2, 4 * SECOND));

    assertThat(recorder.inits).extracting(InitSegment::number).containsExactly(0, 1);
    assertThat(recorder.segment(0).init().number()).isZero();
    assertThat(recorder.segment(1).init().number()).isEqualTo(1);
    assertThat(recorder.segment(1).discontinuity()).isTrue();
  }

  @Test
  void samplesOfAFormatWithoutItsBoundaryAreDropped() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    gop(packager, 0, 30, 10);
    packager.accept(video(h264(640, 360)));
    gop(packager, SECOND, 30, 10);
    packager.accept(boundary(1, 2 * SECOND));

    assertThat(Recorder.samples(recorder.segment(0))).hasSize(30);
    assertThat(packager.droppedSamples()).isEqualTo(30);
  }

  @Test
  void discontinuityEndsTheSegmentWhereItEndsByItself() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    gop(packager, 0, 30, 10);
    packager.accept(new Discontinuity("clock jumped"));
    packager.accept(boundary(1, 20 * SECOND));

    assertThat(recorder.segment(0).endTicks()).isEqualTo(SECOND);
  }

  @Test
  void silenceLongerThanASegmentMayBeEndsTheSegmentByItself() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    gop(packager, 0, 30, 10);
    packager.accept(boundary(1, 20_000 * SECOND));

    assertThat(recorder.segment(0).endTicks()).isEqualTo(SECOND);
  }

  @Test
  void sourceWithoutBoundariesIsGivenUpWithAProblemAndHoldsNoMemory() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    ByteBuf payload = Unpooled.buffer(10).writeZero(10);
    for (int i = 0; i < 31 * 30; i++) {
      packager.accept(frame(i * FRAME_30, i * FRAME_30, i == 0, payload.retain()));
    }
    assertThat(payload.refCnt()).isEqualTo(1);
    assertThat(recorder.problems).containsExactly("0: no boundary for 30 s");

    segment(packager, 1, 31, 10);
    packager.accept(boundary(2, 33 * SECOND));
    assertThat(recorder.gap(0).endTicks()).isEqualTo(31 * SECOND);
    assertThat(recorder.segment(1).sequence()).isEqualTo(1);
  }

  @Test
  void segmentLargerThanTheLimitIsGivenUp() {
    TrackPackager small =
        TrackPackager.video(
            new SegmentSettings(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(30), 100),
            0,
            recorder);
    small.accept(video(h264(1280, 720)));
    small.accept(boundary(0, 0));
    gop(small, 0, 11, 10);

    assertThat(recorder.problems).containsExactly("0: segment larger than 100 bytes");
  }

  @Test
  void everyPayloadIsReleasedOnce() {
    ByteBuf payload = Unpooled.buffer(10).writeZero(10);
    packager.accept(frame(0, 0, true, payload.retain())); // before any format
    packager.accept(video(h264(1280, 720)));
    packager.accept(frame(0, 0, true, payload.retain())); // before any boundary
    packager.accept(boundary(0, 0));
    packager.accept(frame(0, 0, true, payload.retain()));
    packager.accept(boundary(1, FRAME_30));
    assertThat(payload.refCnt()).isEqualTo(1);

    packager.accept(frame(FRAME_30, FRAME_30, true, payload.retain()));
    packager.discard();
    assertThat(payload.refCnt()).isEqualTo(1);
    assertThat(payload.readerIndex()).as("payloads are shared").isZero();
  }

  @Test
  void everyVideoTrackIsTaken() {
    packager.accept(new Format(4, h264(1280, 720)));
    packager.accept(boundary(0, 0));
    packager.accept(new Sample(4, 0, 0, FRAME_30, true, Unpooled.wrappedBuffer(new byte[9])));
    packager.accept(boundary(1, FRAME_30));

    assertThat(Recorder.samples(recorder.segment(0))).hasSize(1);
  }

  @Test
  void eventsOfAnAudioTrackAreReleasedAndIgnored() {
    Sample sound = sound(0, 10);
    packager.accept(sound);
    packager.accept(new Format(1, io.millrace.packager.Tracks.aac(48_000, 2)));

    assertThat(sound.payload().refCnt()).isZero();
    assertThat(recorder.inits).isEmpty();
    assertThat(packager.droppedSamples()).isZero();
  }

  @Test
  void partsAreCutByDurationAndMakeUpTheSegment() {
    TrackPackager parted =
        TrackPackager.video(
            new SegmentSettings(
                Duration.ofMillis(200), Duration.ofSeconds(2), Duration.ofSeconds(30), 1 << 20),
            0,
            recorder);
    parted.accept(video(h264(1280, 720)));
    segment(parted, 0, 0, 10);
    assertThat(recorder.parts).as("sealed before the segment is").hasSize(9);
    parted.accept(boundary(1, 2 * SECOND));

    Segment segment = recorder.segment(0);
    assertThat(segment.parts()).isEqualTo(recorder.parts).hasSize(10);
    assertThat(segment.parts()).allMatch(part -> part.durationTicks() == SECOND / 5);
    assertThat(segment.parts().getFirst().independent()).isTrue();
    assertThat(segment.parts().get(1).independent()).isFalse();
    assertThat(Recorder.samples(segment)).hasSize(60);
  }

  @Test
  void boundaryThatGoesBackInTimeIsABug() {
    packager.accept(boundary(0, SECOND));
    assertThatThrownBy(() -> packager.accept(boundary(1, 0)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void pictureThatASampleEntryCannotTellIsUnsupported() {
    assertThatThrownBy(() -> packager.accept(video(h264(70_000, 720))))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("70000x720");
  }
}
