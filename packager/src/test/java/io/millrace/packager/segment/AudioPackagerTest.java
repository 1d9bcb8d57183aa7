package io.millrace.packager.segment;

import static io.millrace.packager.Tracks.AAC_FRAME;
import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.aac;
import static io.millrace.packager.Tracks.audio;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.frame;
import static io.millrace.packager.Tracks.sound;
import static io.millrace.packager.Tracks.sounds;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.packager.Fragments;
import java.util.List;
import org.junit.jupiter.api.Test;

class AudioPackagerTest {
  private final Recorder recorder = new Recorder();
  private final TrackPackager packager = TrackPackager.audio(Recorder.SETTINGS, 0, recorder);

  private static long firstFrameAtOrAfter(long ticks48k) {
    return (ticks48k + AAC_FRAME - 1) / AAC_FRAME * AAC_FRAME;
  }

  @Test
  void segmentStartsWithTheFirstFrameAtOrAfterTheBoundary() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    sounds(packager, 0, 1, 20);
    packager.accept(boundary(1, 2 * SECOND)); // comes a second ahead of the audio
    sounds(packager, 1, 4, 20);
    packager.accept(boundary(2, 4 * SECOND));
    sounds(packager, 4, 4.1, 20);

    assertThat(recorder.segment(0).startTicks()).isZero();
    assertThat(recorder.segment(1).startTicks()).isEqualTo(firstFrameAtOrAfter(96_000));
    assertThat(recorder.segment(0).endTicks()).isEqualTo(recorder.segment(1).startTicks());
    assertThat(recorder.segment(1).endTicks()).isEqualTo(firstFrameAtOrAfter(192_000));
    assertThat(Recorder.samples(recorder.segment(0)))
        .allMatch(sample -> sample.durationTicks() == AAC_FRAME && sample.key());
  }

  @Test
  void lateFramesBelongToTheSegmentBeforeTheBoundary() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(5, 0));
    packager.accept(boundary(6, SECOND));
    sounds(packager, 0, 1.5, 20);

    assertThat(recorder.segment(0).sequence()).isEqualTo(5);
    assertThat(recorder.segment(0).endTicks()).isEqualTo(firstFrameAtOrAfter(48_000));
  }

  /** As a timeline does that follows a sound card which is not as fast as the video's clock. */
  @Test
  void driftThatIsTakenOutFrameByFrameLeavesNoHole() {
    packager.accept(audio(aac(48_000, 2)));
    long pts = 0;
    int sequence = 0;
    for (int i = 0; pts < 60 * 48_000; i++) {
      if (pts * 15 >= 4 * sequence * SECOND) {
        packager.accept(boundary(sequence, 2 * sequence * SECOND));
        sequence++;
      }
      packager.accept(sound(pts, 20));
      pts += AAC_FRAME + (i / 200 % 2 == 0 ? 5 : -5) * (i % 3 == 0 ? 1 : 0);
    }
    packager.accept(new End("test"));

    assertThat(recorder.intervals).hasOnlyElementsOfType(Segment.class).hasSizeGreaterThan(10);
    for (int i = 0; i < recorder.intervals.size(); i++) {
      Segment segment = recorder.segment(i);
      assertThat(segment.parts()).as("no fragment of its own behind a hole").hasSize(1);
      List<Fragments.Read> samples = Recorder.samples(segment);
      assertThat(samples.getFirst().dtsTicks()).isEqualTo(segment.startTicks());
      assertThat(samples).allMatch(sample -> Math.abs(sample.durationTicks() - AAC_FRAME) <= 5);
      assertThat(samples).anyMatch(sample -> sample.durationTicks() != AAC_FRAME);
      long end = segment.startTicks();
      for (Fragments.Read sample : samples) {
        assertThat(sample.dtsTicks()).isEqualTo(end);
        end += sample.durationTicks();
      }
      assertThat(segment.endTicks()).isEqualTo(end);
      if (i > 0) {
        assertThat(segment.startTicks()).isEqualTo(recorder.segment(i - 1).endTicks());
      }
    }
  }

  /** Boundaries come ahead of the audio, and so may the format of what follows them. */
  @Test
  void formatThatComesBehindItsBoundaryTakesEffectThere() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    sounds(packager, 0, 1.9, 20);
    packager.accept(boundary(1, 2 * SECOND));
    sounds(packager, 1.9, 2, 20);
    packager.accept(audio(aac(44_100, 1)));
    packager.accept(sound(88_200, 20));
    packager.accept(new End("test"));

    assertThat(recorder.segment(1).init().number()).isEqualTo(1);
    assertThat(recorder.segment(1).startTicks()).isEqualTo(88_200);
    assertThat(packager.droppedSamples()).isZero();
  }

  @Test
  void smallHolesAndJitterStretchTheFrameBeforeThem() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    for (long pts : new long[] {0, 1030, 2040, 5000}) {
      packager.accept(sound(pts, 20));
    }
    packager.accept(new End("test"));

    assertThat(Recorder.samples(recorder.segment(0)))
        .hasToString("[0/0+1030 key, 1030/1030+1010 key, 2040/2040+2960 key, 5000/5000+1024 key]");
    assertThat(recorder.segment(0).parts()).hasSize(1);
  }

  @Test
  void largeHoleStartsANewFragmentWithItsOwnDecodeTime() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    packager.accept(sound(0, 20));
    packager.accept(sound(24_000, 20));
    packager.accept(new End("test"));

    Segment segment = recorder.segment(0);
    assertThat(segment.parts()).hasSize(2);
    assertThat(Recorder.samples(segment)).hasToString("[0/0+1024 key, 24000/24000+1024 key]");
    assertThat(segment.endTicks()).isEqualTo(25_024);
  }

  @Test
  void holeAcrossABoundaryEndsTheSegmentByItself() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    sounds(packager, 0, 1.5, 20);
    packager.accept(boundary(1, 2 * SECOND));
    sounds(packager, 2.5, 3, 20);

    assertThat(recorder.segment(0).endTicks()).isEqualTo(firstFrameAtOrAfter(72_000));
  }

  @Test
  void audioThatStopsIsToldAsGapsWhenTheStreamIsFarEnough() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    sounds(packager, 0, 1, 20);
    packager.accept(boundary(1, 2 * SECOND));
    assertThat(recorder.intervals).isEmpty();
    packager.accept(boundary(2, 4 * SECOND));
    assertThat(recorder.intervals).hasSize(1);
    packager.accept(boundary(3, 6 * SECOND));
    packager.accept(boundary(4, 8 * SECOND));
    sounds(packager, 7, 9, 20); // and comes back

    assertThat(recorder.gap(1).startTicks()).isEqualTo(96_000);
    assertThat(recorder.gap(2).endTicks()).isEqualTo(288_000);
    assertThat(recorder.segment(3).sequence()).isEqualTo(3);
    assertThat(recorder.segment(3).startTicks()).isEqualTo(firstFrameAtOrAfter(7 * 48_000));
  }

  @Test
  void framesOfAnIntervalThatIsOverAreDropped() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    packager.accept(boundary(1, 2 * SECOND));
    packager.accept(boundary(2, 4 * SECOND));
    packager.accept(boundary(3, 6 * SECOND));
    packager.accept(sound(1024, 20));

    assertThat(packager.droppedSamples()).isEqualTo(1);
    assertThat(recorder.intervals).extracting(Interval::sequence).containsExactly(0L, 1L);
  }

  @Test
  void endAndReturnUseUpTheSequenceNumbersOfTheHole() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    sounds(packager, 0, 1, 20);
    packager.accept(boundary(1, 2 * SECOND)); // never reached
    packager.accept(new End("connection lost"));
    packager.accept(boundary(2, 4 * SECOND));
    packager.accept(boundary(3, 6 * SECOND));
    sounds(packager, 6, 8, 20);
    packager.accept(new End("connection lost"));

    assertThat(recorder.intervals).extracting(Interval::sequence).containsExactly(0L, 1L, 2L, 3L);
    assertThat(recorder.intervals)
        .hasExactlyElementsOfTypes(Segment.class, Gap.class, Gap.class, Segment.class);
  }

  @Test
  void trackThatAppearsInsideASegmentStartsThere() {
    packager.accept(boundary(4, 0));
    packager.accept(audio(aac(48_000, 2)));
    sounds(packager, 1, 2, 20);
    packager.accept(boundary(5, 2 * SECOND));
    sounds(packager, 2, 2.1, 20);

    assertThat(recorder.segment(0).sequence()).isEqualTo(4);
    assertThat(recorder.segment(0).startTicks()).isEqualTo(firstFrameAtOrAfter(48_000));
  }

  @Test
  void sampleRateMayChangeAtABoundary() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    sounds(packager, 0, 2, 20);
    packager.accept(audio(aac(44_100, 1)));
    packager.accept(boundary(1, 2 * SECOND));
    packager.accept(sound(88_200, 20));
    packager.accept(new End("test"));

    assertThat(recorder.segment(0).endTicks()).isEqualTo(firstFrameAtOrAfter(96_000));
    assertThat(recorder.segment(1).startTicks()).isEqualTo(88_200);
    assertThat(recorder.segment(1).timescale().ticksPerSecond()).isEqualTo(44_100);
    assertThat(recorder.segment(1).startUs()).isEqualTo(2_000_000);
  }

  @Test
  void videoSamplesAreReleasedAndIgnored() {
    Sample picture = frame(0, 0, true, 10);
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    packager.accept(picture);

    assertThat(picture.payload().refCnt()).isZero();
    assertThat(packager.droppedSamples()).isZero();
  }

  @Test
  void framesThatDoNotAdvanceAreDropped() {
    packager.accept(audio(aac(48_000, 2)));
    packager.accept(boundary(0, 0));
    for (long pts : List.of(1024L, 1024L, 0L, 2048L)) {
      packager.accept(sound(pts, 20));
    }
    packager.accept(new End("test"));

    assertThat(Recorder.samples(recorder.segment(0)))
        .hasToString("[1024/1024+1024 key, 2048/2048+1024 key]");
    assertThat(packager.droppedSamples()).isEqualTo(2);
  }
}
