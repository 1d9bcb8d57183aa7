package io.millrace.packager.segment;

import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.aac;
import static io.millrace.packager.Tracks.audio;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.frame;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.opus;
import static io.millrace.packager.Tracks.sound;
import static io.millrace.packager.Tracks.video;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.packager.Fragments;
import io.millrace.packager.Tracks;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ProducerReferenceTimeBox;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where parts are cut, when they are sealed, and that decoding times join over all of them. */
class PartsTest {
  private static final long FRAME = Tracks.FRAME_30;
  private static final long PART = 6 * FRAME;

  private final Recorder recorder = new Recorder();
  private final TrackPackager packager = TrackPackager.video(Recorder.SETTINGS, 0, recorder);
  private final TrackPackager sounds = TrackPackager.audio(Recorder.SETTINGS, 0, recorder);

  /** A part of about 200 ms: a whole number of frames. */
  private static long partTicks(long frameTicks) {
    return (SECOND / 5 + frameTicks / 2) / frameTicks * frameTicks;
  }

  private List<Fragments.Read> samples() {
    List<Fragments.Read> samples = new ArrayList<>();
    recorder.parts.forEach(part -> samples.addAll(Fragments.samples(part.bytes())));
    return samples;
  }

  private static void joins(List<Fragments.Read> samples) {
    for (int i = 1; i < samples.size(); i++) {
      Fragments.Read before = samples.get(i - 1);
      assertThat(before.durationTicks()).isPositive();
      assertThat(samples.get(i).dtsTicks())
          .as("sample %d", i)
          .isEqualTo(before.dtsTicks() + before.durationTicks());
    }
  }

  /** Decode order I P b b P b b …, or none reordered. */
  private static long displayed(int index, int delay) {
    if (delay == 0 || index == 0) {
      return index;
    }
    int at = (index - 1) % 3;
    return at == 0 ? index + 2 : index - 1;
  }

  @ParameterizedTest
  @CsvSource({
    "15000, 0",
    "15015, 2",
    "14400, 0",
    "12012, 2",
    "12000, 2",
    "7200, 0",
    "6006, 2",
    "6000, 0",
    "36000, 0",
    "24000, 2"
  })
  void partsAreWholeFramesOfTheGridAndSealedWithTheirLast(long frameTicks, int delay) {
    long partTicks = partTicks(frameTicks);
    int frames = (int) (2 * SECOND / frameTicks / 3 * 3) + 1;
    long start = 777;
    long inPart = partTicks / frameTicks;
    packager.accept(video(h264(1280, 720)));
    List<Long> shown = new ArrayList<>();
    for (int s = 0; s < 4; s++) {
      packager.accept(boundary(s, start, partTicks));
      for (int i = 0; i < frames; i++) {
        long dts = start + (i - delay) * frameTicks;
        long pts = start + displayed(i, delay) * frameTicks;
        shown.add(pts);
        int before = recorder.parts.size();
        packager.accept(
            new Sample(0, dts, pts, frameTicks, i == 0, frame(dts, pts, true, 10).payload()));
        if (s > 0) {
          assertThat(recorder.parts.size() - before)
              .as("sealed with frame %d", i)
              .isEqualTo((i + 1) % inPart == 0 ? 1 : 0);
        }
      }
      start += frames * frameTicks;
    }
    packager.accept(boundary(4, start, partTicks));

    for (Interval interval : recorder.intervals) {
      Segment segment = (Segment) interval;
      assertThat(segment.durationUs()).isPositive();
      assertThat(Recorder.samples(segment)).hasSize(frames);
      for (int i = 0; i < segment.parts().size(); i++) {
        Part part = segment.parts().get(i);
        assertThat(part.startTicks()).isEqualTo(segment.startTicks() + i * partTicks);
        assertThat(part.independent()).isEqualTo(i == 0);
        if (i + 1 < segment.parts().size()) {
          assertThat(part.durationTicks()).isEqualTo(partTicks);
        } else {
          assertThat(part.endTicks()).isEqualTo(segment.endTicks());
          assertThat(part.durationTicks()).isBetween(1L, partTicks);
        }
      }
      assertThat(Recorder.samples(segment).getFirst().dtsTicks()).isEqualTo(segment.startTicks());
    }
    joins(samples());
    assertThat(samples()).extracting(Fragments.Read::ptsTicks).isEqualTo(shown);
  }

  /** Uneven, dropped, late: the grid stays, decoding times join, presentation times are true. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverTheCadenceTheGridStays(int seed) {
    Random random = new Random(seed);
    packager.accept(video(h264(1280, 720)));
    List<Long> shown = new ArrayList<>();
    long ticks = 500;
    for (int s = 0; s < 10; s++) {
      packager.accept(boundary(s, ticks, PART));
      int frames = 20 + random.nextInt(60);
      for (int i = 0; i < frames; i++) {
        shown.add(ticks);
        packager.accept(frame(ticks, ticks, i == 0, 10));
        ticks +=
            switch (random.nextInt(seed < 3 ? 40 : 8)) {
              case 0 -> 2 * FRAME;
              case 1 -> 1 + random.nextLong(3 * FRAME);
              case 2 -> seed % 2 == 0 ? SECOND : FRAME - 360;
              default -> FRAME;
            };
      }
    }
    packager.accept(boundary(10, ticks, PART));
    packager.accept(new End("test"));

    joins(samples());
    assertThat(samples()).extracting(Fragments.Read::ptsTicks).isEqualTo(shown);
    for (Interval interval : recorder.intervals) {
      Segment segment = (Segment) interval;
      List<Part> parts = segment.parts();
      for (Part part : parts.subList(0, parts.size() - 1)) {
        assertThat(part.endTicks() - segment.startTicks())
            .isEqualTo(PART * (1 + parts.indexOf(part)));
        assertThat(part.durationTicks()).isEqualTo(PART);
      }
    }
  }

  @Test
  void dropsHoldOnePartBackByAFrameAndNoMore() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0, PART));
    List<Integer> sealedWith = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      if (i == 11) {
        continue; // the last of the second part
      }
      int before = recorder.parts.size();
      packager.accept(frame(i * FRAME, i * FRAME, i == 0, 10));
      if (recorder.parts.size() > before) {
        sealedWith.add(i);
      }
    }
    assertThat(sealedWith).containsExactly(5, 12, 17, 23, 29, 35, 41, 47, 53, 59);
    joins(samples());
  }

  /** The last second was not encoded: what follows it is not decoded a second early. */
  @Test
  void segmentBehindAHoleIsDecodedFromItsBoundary() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0, PART));
    for (int i = 0; i < 30; i++) {
      packager.accept(frame(i * FRAME, i * FRAME, i == 0, 10));
    }
    packager.accept(boundary(1, 2 * SECOND, PART));
    for (int i = 60; i < 120; i++) {
      packager.accept(frame(i * FRAME, i * FRAME, i == 60, 10));
    }
    packager.accept(boundary(2, 4 * SECOND, PART));

    List<Fragments.Read> samples = Recorder.samples(recorder.segment(1));
    assertThat(samples.getFirst().dtsTicks()).isEqualTo(2 * SECOND);
    assertThat(recorder.segment(1).parts()).hasSize(10);
    joins(samples);
  }

  @Test
  void stallIsCaughtUpWithOneFrameAPartAndNoPartIsTooLong() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0, PART));
    for (int i = 0; i < 60; i++) {
      if (i <= 6 || i >= 30) {
        packager.accept(frame(i * FRAME, i * FRAME, i == 0, 10));
      }
    }
    packager.accept(boundary(1, 2 * SECOND, PART));

    Segment segment = recorder.segment(0);
    assertThat(segment.parts()).hasSize(10).allMatch(part -> part.durationTicks() == PART);
    assertThat(Fragments.samples(segment.parts().get(2).bytes())).hasSize(1);
    assertThat(Fragments.samples(segment.parts().get(9).bytes())).hasSize(6);
    joins(samples());
    assertThat(samples().get(7).ptsTicks()).isEqualTo(30 * FRAME);
  }

  @Test
  void segmentBehindOneWhoseEndWasForeseenWronglyIsDecodedWhereThatEnded() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0, PART));
    for (int i = 0; i < 12; i++) {
      packager.accept(frame(i * FRAME, i * FRAME, i == 0, 10));
    }
    long late = 12 * FRAME + 700;
    packager.accept(boundary(1, late, PART));
    for (int i = 0; i < 6; i++) {
      packager.accept(frame(late + i * FRAME, late + i * FRAME, i == 0, 10));
    }
    packager.accept(boundary(2, late + 6 * FRAME, PART));

    assertThat(recorder.segment(0).endTicks()).isEqualTo(late);
    assertThat(recorder.segment(1).startTicks()).isEqualTo(late);
    assertThat(recorder.segment(1).parts().getFirst().startTicks()).isEqualTo(late);
    List<Fragments.Read> second = Recorder.samples(recorder.segment(1));
    assertThat(second.getFirst().dtsTicks()).isEqualTo(12 * FRAME);
    assertThat(second.getFirst().ptsTicks()).isEqualTo(late);
    joins(samples());
  }

  @Test
  void behindAnOutageDecodingStartsAtTheBoundary() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0, PART));
    for (int i = 0; i < 10; i++) {
      packager.accept(frame(i * FRAME, i * FRAME, i == 0, 10));
    }
    packager.accept(new End("gone"));
    packager.accept(boundary(1, SECOND, PART));
    packager.accept(frame(SECOND, SECOND, true, 10));
    packager.accept(new End("gone"));

    assertThat(recorder.segment(0).endTicks()).isEqualTo(10 * FRAME);
    Segment second = recorder.segment(1);
    assertThat(Recorder.samples(second).getFirst().dtsTicks()).isEqualTo(SECOND);
  }

  @Test
  void segmentWithoutPartsIsOnePartWithoutAReferenceTime() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0));
    Tracks.gop(packager, 0, 60, 10);
    packager.accept(boundary(1, 2 * SECOND));

    assertThat(recorder.segment(0).parts()).hasSize(1);
    assertThat(new String(recorder.parts.getFirst().bytes(), StandardCharsets.ISO_8859_1))
        .doesNotContain("prft");
  }

  private static TrackFormat.Audio format(String codec) {
    return switch (codec) {
      case "opus" -> opus();
      case "aac44" -> aac(44_100, 2);
      default -> aac(48_000, 2);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"aac48", "aac44", "opus"})
  void audioPartsHaveTheFramesThatStartBetweenTheLines(String codec) {
    TrackFormat.Audio format = format(codec);
    long rate = format.sampleRate();
    long frameTicks = format.samplesPerFrame();
    sounds.accept(audio(format));
    long phase = 300;
    int segments = 5;
    int sequence = 0;
    for (int i = 0; phase + i * frameTicks < 2 * segments * rate; i++) {
      long start = phase + i * frameTicks;
      while (sequence <= segments && start * SECOND / rate + SECOND >= 2 * sequence * SECOND) {
        sounds.accept(boundary(sequence, 2 * sequence * SECOND, PART));
        sequence++;
      }
      int before = recorder.parts.size();
      sounds.accept(new Sample(1, start, start, frameTicks, true, sound(0, 5).payload()));
      long line = start * 5 / rate; // of 200 ms
      boolean last = (start + frameTicks) * 5 / rate > line;
      assertThat(recorder.parts.size() - before).as("frame %d", i).isEqualTo(last ? 1 : 0);
    }
    sounds.accept(new End("test"));

    long longest = Math.ceilDiv(rate / 5, frameTicks) * frameTicks;
    for (Interval interval : recorder.intervals) {
      Segment segment = (Segment) interval;
      assertThat(segment.parts()).as("as video has").hasSize(10);
      for (Part part : segment.parts()) {
        assertThat(part.durationTicks()).isBetween(longest * 85 / 100, longest);
        assertThat(part.independent()).isTrue();
      }
    }
    joins(samples());
  }

  @Test
  void audioThatIsLateStartsWhereThePartBeforeEnded() {
    sounds.accept(audio(aac(48_000, 2)));
    sounds.accept(boundary(0, 0, PART));
    sounds.accept(boundary(1, 2 * SECOND, PART));
    long late = 0;
    for (int i = 0; i < 120; i++) {
      late += i == 10 ? 500 : 0; // the first behind the first line
      sounds.accept(sound(i * 1024L + late, 5));
    }
    sounds.accept(new End("test"));

    joins(samples());
    assertThat(recorder.intervals).hasOnlyElementsOfType(Segment.class).hasSize(2);
    assertThat(recorder.segment(1).startTicks()).isEqualTo(recorder.segment(0).endTicks());
  }

  @Test
  void holeInTheAudioIsLeftAndTheGridGoesOnBehindIt() {
    sounds.accept(audio(aac(48_000, 2)));
    sounds.accept(boundary(0, 0, PART));
    sounds.accept(boundary(1, 2 * SECOND, PART));
    for (int i = 0; i < 96; i++) {
      if (i < 20 || i > 45) {
        sounds.accept(sound(i * 1024L, 5));
      }
    }
    sounds.accept(new End("test"));

    List<Part> parts = recorder.segment(0).parts();
    Part behind = parts.stream().filter(part -> part.startTicks() > 20 * 1024).findFirst().get();
    assertThat(behind.startTicks()).isEqualTo(46 * 1024);
    assertThat(behind.endTicks()).as("the line of 1 s").isBetween(48_000L, 49_024L);
  }

  @Test
  void wallClockIsInFrontOfEveryPart() {
    packager.accept(video(h264(1280, 720)));
    packager.accept(boundary(0, 0, PART));
    Tracks.gop(packager, 0, 60, 10);

    assertThat(recorder.parts).hasSizeGreaterThan(8);
    for (Part part : recorder.parts) {
      var box =
          BoxReader.read(part.bytes()).stream()
              .filter(ProducerReferenceTimeBox.class::isInstance)
              .map(ProducerReferenceTimeBox.class::cast)
              .toList();
      assertThat(box).hasSize(1);
      assertThat(box.getFirst().mediaTicks()).isEqualTo(part.startTicks());
      long ntp = box.getFirst().ntpTimestamp();
      long us =
          ((ntp >>> 32) - 2_208_988_800L) * 1_000_000 + ((ntp & 0xFFFF_FFFFL) * 1_000_000 >>> 32);
      long wanted = Tracks.EPOCH.toEpochMilli() * 1000 + part.startTicks() * 1_000_000 / SECOND;
      assertThat(us).isBetween(wanted - 1, wanted + 1);
    }
  }
}
