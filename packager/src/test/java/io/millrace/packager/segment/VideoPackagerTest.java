package io.millrace.packager.segment;

import static io.millrace.packager.Tracks.FRAME_30;
import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.discontinuity;
import static io.millrace.packager.Tracks.frame;
import static io.millrace.packager.Tracks.gop;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.h264Turned;
import static io.millrace.packager.Tracks.segment;
import static io.millrace.packager.Tracks.sound;
import static io.millrace.packager.Tracks.video;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
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

  /** With a frame of reordering: the encoder takes decoding times from the pictures before. */
  @Test
  void picturesLeftOutBeforeAKeyFrameDoNotMoveWhatFollows() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    for (int i = 0; i < 30; i++) {
      packager.accept(frame((i - 1) * FRAME_30, i * FRAME_30, i == 0, 10));
    }
    packager.accept(boundary(1, 2 * SECOND));
    for (int i = 60; i < 120; i++) {
      long decoded = i == 60 ? 29 : i - 1;
      packager.accept(frame(decoded * FRAME_30, i * FRAME_30, i == 60, 10));
    }
    packager.accept(boundary(2, 4 * SECOND));

    List<Fragments.Read> samples = Recorder.samples(recorder.segment(1));
    for (int i = 0; i < 60; i++) {
      assertThat(samples.get(i).dtsTicks()).isEqualTo((60 + i) * FRAME_30);
      assertThat(samples.get(i).ptsTicks()).isEqualTo((60 + i) * FRAME_30);
    }
    assertThat(samples.getLast().durationTicks()).isEqualTo(FRAME_30);
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
    assertThat(recorder.problems).containsExactly("0: no key frame at the boundary");
  }

  @Test
  void trackThatIsCutElsewhereIsMissingAndToldOnce() {
    packager.accept(video(h264(1280, 720)));
    segment(packager, 0, 0, 10);
    for (int i = 1; i < 5; i++) {
      packager.accept(boundary(i, 2 * i * SECOND));
      gop(packager, 2 * i * SECOND + 3 * FRAME_30, 57, 10);
    }
    segment(packager, 5, 10, 10);
    packager.accept(boundary(6, 12 * SECOND));
    packager.accept(frame(12 * SECOND, 12 * SECOND, false, 10));
    packager.accept(boundary(7, 14 * SECOND));

    assertThat(recorder.intervals)
        .hasExactlyElementsOfTypes(
            Segment.class, Gap.class, Gap.class, Gap.class, Gap.class, Segment.class, Gap.class);
    assertThat(recorder.intervals).extracting(Interval::sequence).doesNotHaveDuplicates();
    assertThat(recorder.problems)
        .containsExactly("1: key frame behind the boundary", "6: no key frame at the boundary");
  }

  @Test
  void keyFrameThatWasRoundedDifferentlyIsMovedToTheBoundary() {
    for (long off : new long[] {-360, 720}) {
      Recorder told = new Recorder();
      TrackPackager track = TrackPackager.video(Recorder.SETTINGS, 0, told);
      track.accept(video(h264(1280, 720)));
      track.accept(boundary(0, SECOND));
      gop(track, SECOND + off, 30, 10);
      track.accept(boundary(1, 2 * SECOND));
      gop(track, 2 * SECOND + off, 30, 10);
      track.accept(boundary(2, 3 * SECOND));

      assertThat(told.intervals).hasOnlyElementsOfType(Segment.class).hasSize(2);
      for (int i = 0; i < 2; i++) {
        Fragments.Read first = Recorder.samples(told.segment(i)).getFirst();
        assertThat(first.dtsTicks()).isEqualTo((i + 1) * SECOND);
        assertThat(first.ptsTicks()).isEqualTo((i + 1) * SECOND);
      }
    }
  }

  @Test
  void trackThatLiesBehindTheMainOneKeepsItsLastFrames() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    gop(packager, 0, 50, 10);
    packager.accept(boundary(1, 2 * SECOND)); // ten frames ahead of this track
    assertThat(recorder.intervals).isEmpty();
    for (int i = 50; i < 60; i++) {
      packager.accept(frame(i * FRAME_30, i * FRAME_30, false, 10));
    }
    gop(packager, 2 * SECOND, 60, 10);
    packager.accept(boundary(2, 4 * SECOND));

    assertThat(Recorder.samples(recorder.segment(0))).hasSize(60);
    assertThat(recorder.segment(1).startTicks()).isEqualTo(2 * SECOND);
    assertThat(packager.droppedSamples()).isZero();
  }

  @Test
  void trackThatStoppedIsNotWaitedFor() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    gop(packager, 0, 50, 10);
    packager.accept(boundary(1, 2 * SECOND));
    packager.accept(boundary(2, 4 * SECOND));
    packager.accept(frame(2 * SECOND, 2 * SECOND, true, 10)); // of interval 1, which is over
    packager.accept(frame(4 * SECOND, 4 * SECOND, true, 10));
    packager.accept(new End("test"));

    assertThat(recorder.intervals)
        .hasExactlyElementsOfTypes(Segment.class, Gap.class, Segment.class);
    assertThat(recorder.segment(0).endTicks()).isEqualTo(2 * SECOND);
    assertThat(recorder.segment(2).startTicks()).isEqualTo(4 * SECOND);
  }

  @Test
  void endOfATrackThatLiesBehindOpensTheIntervalItDidNotReach() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    gop(packager, 0, 50, 10);
    packager.accept(boundary(1, 2 * SECOND));
    packager.accept(new End("connection lost"));
    segment(packager, 2, 4, 10);

    assertThat(recorder.intervals).extracting(Interval::sequence).containsExactly(0L, 1L);
    assertThat(recorder.gap(1).endTicks()).isEqualTo(4 * SECOND);
  }

  @Test
  void framesThatFollowEachOtherFasterThanNominalEndAtTheBoundary() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    for (int i = 0; i < 30; i++) {
      packager.accept(frame(i * 1000 - 5000, i * 1000, i == 0, 10));
    }
    packager.accept(boundary(1, 30_000)); // the take-over's first key frame
    gop(packager, 30_000, 60, 10);
    packager.accept(boundary(2, 30_000 + 2 * SECOND));

    List<Fragments.Read> samples = Recorder.samples(recorder.segment(0));
    assertThat(samples).extracting(Fragments.Read::durationTicks).containsOnly(1000L);
    assertThat(recorder.segment(0).endTicks()).isEqualTo(30_000);
    assertThat(recorder.segment(1).startTicks()).isEqualTo(30_000);
  }

  @Test
  void formatThatComesBackHasItsInitSegmentBack() {
    for (int i = 0; i < 5; i++) {
      packager.accept(video(i % 2 == 0 ? h264(1280, 720) : h264Turned(0)));
      packager.accept(discontinuity(i, 2 * i * SECOND));
      gop(packager, 2 * i * SECOND, 60, 10);
    }
    packager.accept(new End("test"));

    assertThat(recorder.inits).extracting(InitSegment::number).containsExactly(0, 1, 0, 1, 0);
    assertThat(recorder.intervals)
        .extracting(interval -> ((Segment) interval).init().number())
        .containsExactly(0, 1, 0, 1, 0);
    assertThat(recorder.inits.get(2).bytes()).isSameAs(recorder.inits.get(0).bytes());
  }

  @Test
  void formatThatTheInitSegmentDoesNotTellNeedsNoBoundary() {
    TrackFormat.Video format = h264(1280, 720);
    TrackFormat.Video faster =
        new TrackFormat.Video(
            format.codec(),
            format.codecs(),
            format.configuration(),
            format.width(),
            format.height(),
            format.sampleAspectRatio(),
            new Rational(60, 1),
            format.colour(),
            format.rotation());
    packager.accept(video(format));
    packager.accept(boundary(0, 0));
    gop(packager, 0, 30, 10);
    packager.accept(video(faster));
    packager.accept(frame(SECOND, SECOND, false, 10));
    packager.accept(boundary(1, 2 * SECOND));

    assertThat(Recorder.samples(recorder.segment(0))).hasSize(31);
  }

  @Test
  void initSegmentsRememberedAreBounded() {
    for (int i = 0; i < 40; i++) {
      packager.accept(video(h264(1280, 2 * i + 2)));
    }
    packager.accept(video(h264(1280, 2))); // long forgotten
    packager.accept(video(h264(1280, 80)));

    assertThat(recorder.inits).extracting(InitSegment::number).contains(0, 39, 40).endsWith(40, 39);
  }

  @Test
  void cuesChangeNothing() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(new Cue(0, "urn:scte:scte35:2013:bin", new byte[] {(byte) 0xFC}));
    packager.accept(boundary(0, 0));
    packager.accept(new Cue(0, "urn:scte:scte35:2013:bin", new byte[0]));
    gop(packager, 0, 60, 10);
    packager.accept(new Cue(-1, "", new byte[0]));
    packager.accept(boundary(1, 2 * SECOND));

    assertThat(Recorder.samples(recorder.segment(0))).hasSize(60);
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
            new SegmentSettings(Duration.ofSeconds(2), Duration.ofSeconds(30), 100), 0, recorder);
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
