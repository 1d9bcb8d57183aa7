package io.millrace.codec.testsource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.Clips;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.Luma;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.h264.AccessUnits;
import io.millrace.media.h264.AvcConfiguration;
import io.netty.buffer.ByteBufUtil;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TestSourceTest {
  @ParameterizedTest
  @CsvSource({"0, 1, 44100", "2, 2, 48000", "3, 0, 48000"})
  void sendsWhatAnRtmpPublisherSends(int bFrames, int channels, int sampleRate) {
    TestSourceSettings settings =
        Clips.small()
            .withFrameRate(new Rational(30000, 1001), 30, false)
            .withMaxBFrames(bFrames)
            .withAudio(channels, sampleRate);
    RecordingSink sink = Clips.record(settings, 3000);
    AvcConfiguration configuration = AvcConfiguration.parse(sink.videoFormat().configuration());
    assertThat(configuration.lengthSize()).isEqualTo(4);
    List<TrackEvent.Sample> video = sink.samples(TrackEvent.VIDEO_TRACK);
    assertThat(video).hasSize(90);
    assertThat(video.getFirst().dtsTicks()).isZero();
    for (int i = 0; i < video.size(); i++) {
      TrackEvent.Sample sample = video.get(i);
      AccessUnits.check(sample.payload(), 4);
      assertThat(sample.key()).isEqualTo(i % 30 == 0);
      assertThat(sample.ptsTicks() % 12_012).isEqualTo(video.getFirst().ptsTicks() % 12_012);
    }
    List<TrackEvent.Sample> audio = sink.samples(TrackEvent.AUDIO_TRACK);
    assertThat(audio.isEmpty()).isEqualTo(channels == 0);
    checkOrder(sink.samples(), sampleRate);
    if (channels > 0) {
      long first = new Timescale(sampleRate).rescale(audio.getFirst().ptsTicks(), Timescale.VIDEO);
      assertThat(first).isCloseTo(video.getFirst().ptsTicks(), within(8L));
    }
  }

  private static void checkOrder(List<TrackEvent.Sample> samples, int sampleRate) {
    long last = 0;
    for (TrackEvent.Sample sample : samples) {
      Timescale own =
          sample.track() == TrackEvent.VIDEO_TRACK ? Timescale.VIDEO : new Timescale(sampleRate);
      long micros = own.rescale(sample.dtsTicks(), Timescale.MICROS);
      assertThat(micros).isGreaterThanOrEqualTo(last - 25);
      last = micros;
    }
  }

  @Test
  void theSameSettingsGiveTheSameBytes() {
    TestSourceSettings settings = Clips.small().withAudio(2, 48_000);
    assertThat(dump(Clips.record(settings, 1500))).isEqualTo(dump(Clips.record(settings, 1500)));
  }

  private static List<String> dump(RecordingSink sink) {
    return sink.samples().stream()
        .map(
            sample ->
                sample.track()
                    + " "
                    + sample.dtsTicks()
                    + " "
                    + sample.ptsTicks()
                    + " "
                    + ByteBufUtil.hexDump(sample.payload()))
        .toList();
  }

  @Test
  void variableRateLeavesPicturesOut() {
    RecordingSink sink =
        Clips.record(
            Clips.small().withFrameRate(new Rational(25, 1), 20, true).withMaxBFrames(0), 2000);
    assertThat(sink.samples()).hasSize(40);
    assertThat(sink.samples().get(4).ptsTicks() - sink.samples().get(3).ptsTicks())
        .isEqualTo(2 * 14_400);
  }

  @Test
  void decodesToTheWholePicture() {
    RecordingSink sink = Clips.record(Clips.small(), 1000);
    DecodedTrack decoded = DecodedTrack.of(sink.videoFormat(), sink.samples());
    assertThat(decoded.damaged()).isZero();
    assertThat(decoded.pictures()).hasSize(25);
  }

  @Test
  void advancesOnlyAsFarAsItIsTold() {
    RecordingSink sink = new RecordingSink();
    try (TestSource source = new TestSource(Clips.small().withMaxBFrames(0), sink)) {
      assertThat(source.nextPictureNs()).isZero();
      source.advanceTo(TimeUnit.MILLISECONDS.toNanos(100));
      assertThat(sink.samples()).hasSize(3);
      assertThat(source.nextPictureNs()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(120));
      source.advanceTo(TimeUnit.MILLISECONDS.toNanos(100));
      assertThat(sink.samples()).hasSize(3);
      source.advanceTo(TimeUnit.MILLISECONDS.toNanos(121));
      assertThat(sink.samples()).hasSize(4);
    }
  }

  @Test
  void theClockChangesWithTimeAndNothingIsLeft() {
    NativeAccount account = new NativeAccount();
    try (PicturePool pool = new PicturePool(640, 360, account);
        TestPicture test = new TestPicture(640, 360, pool)) {
      Luma first = draw(test, "2026-11-21T10:00:00.000Z", 0);
      Luma same = draw(test, "2026-11-21T10:00:00.000Z", 0);
      Luma later = draw(test, "2026-11-21T10:00:00.001Z", 0);
      Luma number = draw(test, "2026-11-21T10:00:00.000Z", 1);
      assertThat(first.psnr(same)).isEqualTo(99);
      assertThat(first.psnr(later)).isLessThan(60);
      assertThat(first.psnr(number)).isLessThan(60);
    }
    assertThat(account.pictureBytes()).isZero();
  }

  /** Real time at 720p30 leaves 33 ms a picture; drawing may take a small part of it. */
  @Test
  void drawingIsCheap() {
    NativeAccount account = new NativeAccount();
    try (PicturePool pool = new PicturePool(1280, 720, account);
        TestPicture test = new TestPicture(1280, 720, pool)) {
      long bestNs = Long.MAX_VALUE;
      for (int i = 0; i < 300; i++) {
        long startNs = System.nanoTime();
        test.draw(Clips.EPOCH.plusMillis(i), i).release();
        bestNs = Math.min(bestNs, System.nanoTime() - startNs);
      }
      assertThat(bestNs).isLessThan(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private static Luma draw(TestPicture test, String clock, long number) {
    Picture picture = test.draw(Instant.parse(clock), number);
    try {
      return Luma.of(picture);
    } finally {
      picture.release();
    }
  }
}
