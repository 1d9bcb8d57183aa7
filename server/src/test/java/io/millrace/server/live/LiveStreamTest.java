package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.codec.slate.Silence;
import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.packager.Presentation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LiveStreamTest {
  private static final Instant EPOCH = Instant.parse("2026-11-21T00:00:00Z");
  private static final long SECOND = Timescale.VIDEO.ticksPerSecond();
  private static final long FRAME = SECOND / 30;

  private final List<TrackEvent> out = new ArrayList<>();
  private final List<ByteBuf> payloads = new ArrayList<>();
  private final LiveStream stream =
      new LiveStream(
          new StreamKey("live", "a"),
          ImmediateEventExecutor.INSTANCE,
          Duration.ofSeconds(2),
          EPOCH);

  LiveStreamTest() {
    stream.subscribe(out::add);
  }

  @AfterEach
  void everyPayloadIsReleased() {
    out.forEach(TrackEvent::release);
    stream.close();
    assertThat(payloads).allSatisfy(p -> assertThat(p.refCnt()).isZero());
  }

  @ParameterizedTest
  @CsvSource({"15, 60", "48, 48", "60, 60", "240, 240", "36, 72", "30, 60"})
  void segmentsStartAtTheKeyFrameNearestToTheTarget(int gopFrames, int segmentFrames) {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    for (int i = 0; i < 1200; i++) {
      video(i * FRAME, i % gopFrames == 0);
    }
    List<Boundary> boundaries = boundaries();
    assertThat(boundaries).hasSizeGreaterThan(3);
    assertThat(boundaries.get(0).startTicks()).isZero();
    for (int i = 1; i < boundaries.size(); i++) {
      assertThat(boundaries.get(i).startTicks() - boundaries.get(i - 1).startTicks())
          .isEqualTo(segmentFrames * FRAME);
    }
  }

  @Test
  void samplesBeforeTheFirstKeyFrameAreDroppedAndCounted() {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    for (int i = 0; i < 10; i++) {
      audio(i);
      video(i * FRAME, i == 5);
    }
    assertThat(out.get(0)).isInstanceOf(Format.class);
    assertThat(out.get(1)).isInstanceOf(Format.class);
    assertThat(out.get(2)).isInstanceOf(Boundary.class);
    assertThat(samples(TrackEvent.VIDEO_TRACK).get(0).key()).isTrue();
    assertThat(samples(TrackEvent.AUDIO_TRACK)).allMatch(s -> s.ptsTicks() * 7.5 >= 5 * FRAME);
    assertThat(stream.samplesBeforeKey()).isPositive();
  }

  @Test
  void aFurtherVideoTrackLosesNoneOfItsFirstPictures() {
    int second = TrackEvent.videoTrack(1);
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(second, video(2)));
    long[] shownFrames = {2, 6, 4, 3, 5, 10, 8, 7, 9}; // two B-frames, one of them a reference
    for (int i = 0; i < shownFrames.length; i++) {
      for (int track : new int[] {TrackEvent.VIDEO_TRACK, second}) {
        stream.accept(
            new Sample(track, i * FRAME, shownFrames[i] * FRAME, FRAME, i == 0, payload()));
      }
    }
    stream.accept(new End("over"));
    assertThat(samples(second))
        .extracting(Sample::ptsTicks)
        .isEqualTo(samples(TrackEvent.VIDEO_TRACK).stream().map(Sample::ptsTicks).toList());
  }

  @Test
  void aBoundaryComesBeforeTheAudioBehindIt() {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    int audioFrames = 0;
    for (int i = 0; i < 600; i++) {
      // Audio runs 400 ms ahead of the video.
      while (audioFrames * 1024L * 7.5 < i * FRAME + SECOND * 2 / 5) {
        audio(audioFrames++);
      }
      video(i * FRAME, i % 60 == 0);
    }
    long boundary = Long.MIN_VALUE;
    long newestAudio = Long.MIN_VALUE;
    for (TrackEvent event : out) {
      switch (event) {
        case Boundary b -> {
          assertThat(newestAudio).isLessThan(b.startTicks());
          boundary = b.startTicks();
        }
        case Sample s when s.track() == TrackEvent.AUDIO_TRACK ->
            newestAudio = (long) (s.ptsTicks() * 7.5);
        default -> {}
      }
    }
    assertThat(boundary).isEqualTo(540 * FRAME);
  }

  @Test
  void reconnectGoesOnWithSequenceAndDatesAndTilesTheHole() {
    publish(video(1), 0, 90);
    stream.accept(new End("connection lost"));
    long origin = stream.originTicks(EPOCH.plusSeconds(8));
    assertThat(origin).isEqualTo(8 * SECOND);
    publish(video(1), origin, 90);

    List<Boundary> boundaries = boundaries();
    for (int i = 0; i < boundaries.size(); i++) {
      assertThat(boundaries.get(i).sequence()).isEqualTo(i);
      assertThat(boundaries.get(i).epoch()).isEqualTo(EPOCH);
      assertThat(boundaries.get(i).discontinuity()).isFalse();
    }
    // 0, 2 | 3 (end) .. 8 tiled by three | 8, 10
    assertThat(boundaries)
        .extracting(b -> b.startTicks() / FRAME)
        .containsExactly(0L, 60L, 90L, 140L, 190L, 240L, 300L);
    assertThat(out.stream().filter(Format.class::isInstance)).hasSize(1);
  }

  @Test
  void aFormatChangeAcrossAReconnectIsOneDiscontinuity() {
    publish(video(1), 0, 90);
    stream.accept(new End("connection lost"));
    publish(video(2), stream.originTicks(EPOCH.plusSeconds(3)), 200);
    assertThat(boundaries().stream().filter(Boundary::discontinuity)).hasSize(1);
    int change =
        out.indexOf(
            out.stream()
                .filter(e -> e instanceof Format f && f.format().equals(video(2)))
                .findFirst()
                .orElseThrow());
    assertThat(out.get(change + 1))
        .isInstanceOfSatisfying(Boundary.class, b -> assertThat(b.discontinuity()).isTrue());
  }

  @Test
  void aFormatChangeInASessionWaitsForTheNextKeyFrame() {
    publish(video(1), 0, 65);
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(2)));
    for (int i = 65; i < 200; i++) {
      video(i * FRAME, i % 60 == 0);
    }
    assertThat(boundaries())
        .extracting(b -> b.startTicks() / FRAME)
        .containsExactly(0L, 60L, 120L, 180L);
    assertThat(boundaries())
        .extracting(Boundary::discontinuity)
        .containsExactly(false, false, true, false);
    assertThat(samples(TrackEvent.VIDEO_TRACK).stream().map(s -> s.ptsTicks() / FRAME))
        .doesNotContain(65L, 119L)
        .contains(64L, 120L);
  }

  @Test
  void soundGoesOnWhileAFormatChangeWaitsForItsKeyFrame() {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    int sound = 0;
    for (int frame = 0; frame < 60; frame++) {
      if (frame == 30) {
        stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(2)));
      }
      for (; sound * 7_680L < frame * FRAME; sound++) {
        audio(sound);
      }
      video(frame * FRAME, frame % 45 == 0);
    }
    List<Sample> heard = samples(TrackEvent.AUDIO_TRACK);
    assertThat(heard).hasSizeGreaterThan(80);
    for (int i = 1; i < heard.size(); i++) {
      assertThat(heard.get(i).ptsTicks() - heard.get(i - 1).ptsTicks()).isEqualTo(1024);
    }
    assertThat(boundaries().getLast().startTicks()).isEqualTo(45 * FRAME);
    assertThat(boundaries().getLast().discontinuity()).isTrue();
  }

  @Test
  void videoThatStallsIsCutByTheAudioClockAndComesBackAtAKeyFrame() {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    int audioFrames = 0;
    for (int i = 0; i < 900; i++) {
      while (audioFrames * 1024L * 7.5 < i * FRAME) {
        audio(audioFrames++);
      }
      if (i < 90 || i >= 600) {
        video(i * FRAME, i % 60 == 0 && i != 600);
      }
    }
    List<Boundary> boundaries = boundaries();
    for (int i = 1; i < boundaries.size(); i++) {
      assertThat(boundaries.get(i).sequence()).isEqualTo(i);
      assertThat(boundaries.get(i).startTicks() - boundaries.get(i - 1).startTicks())
          .isBetween(1L, 4 * SECOND);
    }
    assertThat(samples(TrackEvent.VIDEO_TRACK).stream().map(s -> s.ptsTicks() / FRAME))
        .doesNotContain(600L, 650L)
        .contains(660L);
  }

  @Test
  void audioWithoutVideoIsCutEveryTarget() {
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    for (int i = 0; i < 470; i++) {
      audio(i);
    }
    stream.accept(new End("done"));
    assertThat(boundaries()).hasSizeBetween(5, 6);
    assertThat(samples(TrackEvent.AUDIO_TRACK)).hasSize(470);
  }

  @Test
  void samplesWithoutAFormatEndTheSession() {
    assertThatThrownBy(() -> video(0, true)).isInstanceOf(MediaFormatException.class);
    assertThatThrownBy(() -> audio(0)).isInstanceOf(MediaFormatException.class);
  }

  @Test
  void videoThatNeverHasAKeyFrameIsRefusedWithTheReason() {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1000; i++) {
                video(i * FRAME, false);
              }
            })
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("IDR");
  }

  @Test
  void aLateSubscriberGetsTheOpenSegmentFromItsKeyFrame() {
    publish(video(1), 0, 100);
    List<TrackEvent> late = new ArrayList<>();
    stream.subscribe(late::add);
    assertThat(late.get(0)).isInstanceOf(Format.class);
    assertThat(late.get(1))
        .isInstanceOfSatisfying(
            Boundary.class, b -> assertThat(b.startTicks()).isEqualTo(60 * FRAME));
    assertThat(late).hasSize(2 + 40);
    late.forEach(TrackEvent::release);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomKillsNeverBreakSequenceOrder(long seed) {
    Random random = new Random(seed);
    Instant now = EPOCH;
    for (int session = 0; session < 40; session++) {
      long origin = stream.originTicks(now);
      TrackFormat.Video format = video(random.nextInt(8) == 0 ? random.nextInt(3) : 1);
      stream.accept(new Format(TrackEvent.VIDEO_TRACK, format));
      stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
      int frames = random.nextInt(300);
      long audioTicks = Timescale.VIDEO.rescale(origin, new Timescale(48_000));
      int firstKey = random.nextInt(40);
      for (int i = 0; i < frames; i++) {
        if (i % 3 != 2) {
          audioAt(audioTicks);
          audioTicks += 1024;
        }
        if (random.nextInt(20) != 0) {
          video(origin + i * FRAME, i >= firstKey && (i - firstKey) % 45 == 0);
        }
      }
      stream.accept(new End("plug pulled"));
      now = now.plusMillis(frames * 1000L / 30 + random.nextInt(5000));
    }
    List<Boundary> boundaries = boundaries();
    for (int i = 1; i < boundaries.size(); i++) {
      assertThat(boundaries.get(i).sequence()).isEqualTo(i);
      assertThat(boundaries.get(i).startTicks()).isGreaterThan(boundaries.get(i - 1).startTicks());
    }
    Boundary open = null;
    for (TrackEvent event : out) {
      if (event instanceof Boundary b) {
        open = b;
      } else if (event instanceof Sample s && s.track() == TrackEvent.VIDEO_TRACK) {
        assertThat(open).isNotNull();
        assertThat(s.ptsTicks()).isGreaterThanOrEqualTo(open.startTicks());
      }
    }
  }

  @Test
  void shortHolesInTheSoundAreClosedBySilence() {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    long soundTicks = 0;
    for (int i = 0; i < 150; i++) {
      video(i * FRAME, i % 60 == 0);
      boolean missing = i >= 55 && i < 65; // over the boundary at 60
      for (; soundTicks < (i + 1) * 1600L; soundTicks += 1024) {
        if (!missing) {
          audioAt(soundTicks + (i < 65 ? 0 : 300)); // and 300 samples that are no frame
        }
      }
    }
    List<Sample> sound = samples(TrackEvent.AUDIO_TRACK);
    long holes = 0;
    for (int i = 1; i < sound.size(); i++) {
      long hole = sound.get(i).ptsTicks() - sound.get(i - 1).ptsTicks() - 1024;
      assertThat(hole).isBetween(0L, 1023L);
      holes += hole;
    }
    assertThat(holes).isEqualTo(300);
    List<Sample> silent = sound.stream().filter(sample -> sample.sizeBytes() != 10).toList();
    assertThat(silent).hasSizeBetween(14, 17);
    byte[] silence = Silence.of(audio()).accessUnit();
    assertThat(silent)
        .allSatisfy(
            sample -> assertThat(ByteBufUtil.getBytes(sample.payload())).isEqualTo(silence));
    assertThat(silent.getFirst().ptsTicks()).isLessThan(96_000); // the second segment begins there
    assertThat(silent.getLast().ptsTicks()).isGreaterThan(96_000);
  }

  @Test
  void longHolesInTheSoundStayAndSoDoPausesOfTheStream() {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    audioAt(0);
    audioAt(1024);
    for (int i = 0; i <= 90; i++) {
      video(i * FRAME, i % 30 == 0);
    }
    audioAt(2 * 48_000);
    video(91 * FRAME, false);
    stream.accept(new End("plug pulled"));
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, audio()));
    video(100 * FRAME, true);
    audioAt(100 * 1600);
    video(101 * FRAME, false);
    assertThat(samples(TrackEvent.AUDIO_TRACK).stream().map(Sample::ptsTicks))
        .containsExactly(0L, 1024L, 96_000L, 160_000L);
  }

  @Test
  void aSoundWithoutSilenceKeepsItsHoles() {
    TrackFormat.Audio unknown =
        new TrackFormat.Audio(
            AudioCodec.AAC, "mp4a.40.2", new byte[] {0x11, (byte) 0x80}, 48_000, 2, 1024);
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    stream.accept(new Format(TrackEvent.AUDIO_TRACK, unknown));
    audioAt(0);
    audioAt(10 * 1024);
    video(0, true);
    video(20 * FRAME, false);
    assertThat(samples(TrackEvent.AUDIO_TRACK)).hasSize(2);
  }

  /** The first boundary of a stream that was published up to segment 9, ending at 20 s. */
  private Boundary resumed(long atTicks, TrackFormat.Video before) {
    List<TrackEvent> resumed = new ArrayList<>();
    LiveStream again =
        new LiveStream(
            new StreamKey("live", "p"),
            ImmediateEventExecutor.INSTANCE,
            Duration.ofSeconds(2),
            Duration.ZERO,
            new Presentation.Resume(EPOCH, 10, 20 * SECOND, List.of(before)));
    again.subscribe(resumed::add);
    assertThat(again.originTicks(EPOCH)).as("never back").isGreaterThan(20 * SECOND);
    assertThat(again.originTicks(EPOCH.plusSeconds(50))).isEqualTo(50 * SECOND);
    again.accept(new Format(TrackEvent.VIDEO_TRACK, video(1)));
    again.accept(new Sample(TrackEvent.VIDEO_TRACK, atTicks, atTicks, 0, true, payload()));
    again.close();
    List<Boundary> boundaries =
        resumed.stream().filter(Boundary.class::isInstance).map(Boundary.class::cast).toList();
    resumed.forEach(TrackEvent::release);
    assertThat(boundaries).as("a hole is left to the renditions").hasSize(1);
    return boundaries.getFirst();
  }

  @Test
  void aStreamThatWasPublishedBeforeGoesOn() {
    Boundary atOnce = resumed(20 * SECOND + 300, video(1));
    assertThat(atOnce.sequence()).isEqualTo(10);
    assertThat(atOnce.discontinuity()).isFalse();
    assertThat(atOnce.epoch()).isEqualTo(EPOCH);

    Boundary behindAHole = resumed(27 * SECOND, video(1));
    assertThat(behindAHole.sequence()).as("seven seconds are four numbers").isEqualTo(14);
    assertThat(behindAHole.discontinuity()).isFalse();

    Boundary nextDay = resumed(86_400 * SECOND, video(1));
    assertThat(nextDay.sequence()).isEqualTo(10);
    assertThat(nextDay.discontinuity()).isTrue();

    assertThat(resumed(21 * SECOND, video(2)).discontinuity()).as("another format").isTrue();
  }

  @Test
  void boundariesTellEveryRenditionTheSamePartsByTheFrames() {
    List<TrackEvent> parted = new ArrayList<>();
    LiveStream withParts =
        new LiveStream(
            new StreamKey("live", "p"),
            ImmediateEventExecutor.INSTANCE,
            Duration.ofSeconds(2),
            Duration.ofMillis(200),
            EPOCH);
    withParts.subscribe(parted::add);
    withParts.accept(new Format(TrackEvent.VIDEO_TRACK, video(1))); // says 30
    long frame = SECOND / 25;
    for (int i = 0; i < 160; i++) {
      withParts.accept(
          new Sample(TrackEvent.VIDEO_TRACK, i * frame, i * frame, 0, i % 50 == 0, payload()));
    }
    withParts.close();
    parted.forEach(TrackEvent::release);

    assertThat(parted.stream().filter(Boundary.class::isInstance).map(Boundary.class::cast))
        .extracting(Boundary::partTicks)
        .containsExactly(6 * FRAME, 5 * frame, 5 * frame, 5 * frame);
    publish(video(1), 0, 61);
    assertThat(boundaries()).extracting(Boundary::partTicks).containsOnly(0L);
  }

  private void publish(TrackFormat.Video format, long origin, int frames) {
    stream.accept(new Format(TrackEvent.VIDEO_TRACK, format));
    for (int i = 0; i < frames; i++) {
      video(origin + i * FRAME, i % 60 == 0);
    }
  }

  private void video(long ticks, boolean key) {
    stream.accept(new Sample(TrackEvent.VIDEO_TRACK, ticks, ticks, FRAME, key, payload()));
  }

  private void audio(int index) {
    audioAt(index * 1024L);
  }

  private void audioAt(long ticks) {
    stream.accept(new Sample(TrackEvent.AUDIO_TRACK, ticks, ticks, 1024, true, payload()));
  }

  private ByteBuf payload() {
    ByteBuf payload = Unpooled.wrappedBuffer(new byte[10]);
    payloads.add(payload);
    return payload;
  }

  private List<Boundary> boundaries() {
    return out.stream().filter(Boundary.class::isInstance).map(Boundary.class::cast).toList();
  }

  private List<Sample> samples(int track) {
    return out.stream()
        .filter(e -> e instanceof Sample s && s.track() == track)
        .map(Sample.class::cast)
        .toList();
  }

  static TrackFormat.Video video(int id) {
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.64001f",
        new byte[] {1, (byte) id},
        1280,
        720,
        Rational.ONE,
        new Rational(30, 1),
        Colour.UNSPECIFIED,
        0);
  }

  static TrackFormat.Audio audio() {
    return new TrackFormat.Audio(
        AudioCodec.AAC, "mp4a.40.2", new byte[] {0x11, (byte) 0x90}, 48_000, 2, 1024);
  }
}
