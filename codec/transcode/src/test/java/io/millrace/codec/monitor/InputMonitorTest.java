package io.millrace.codec.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.CodedClip;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputMonitorTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final CodedClip.Video CONSTANT_RATE =
      CodedClip.Video.of(
              "libx264",
              8,
              Map.of("preset", "veryfast", "tune", "zerolatency", "sc_threshold", "0"))
          .withFrames(101, 25);

  /** A still life: edges, gradients and fine grain. */
  private static int stillLife(int plane, int x, int y) {
    if (plane > 0) {
      return 110 + (x + y) / 8;
    }
    int grain = new SplittableRandom(x * 7919L + y).nextInt(10);
    return 50 + (x / 40 + y / 30) % 2 * 80 + x / 8 + grain;
  }

  /** Noise like a camera's, about normal. */
  private static int noise(int plane, int x, int y, int frame, double sigma) {
    SplittableRandom random = new SplittableRandom(((frame * 4099L + y) * 8209L + x) * 3 + plane);
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += random.nextDouble() - 0.5;
    }
    return (int) Math.round(sum * Math.sqrt(3) * sigma);
  }

  /** The health after a whole clip has been looked at. */
  private static InputHealth after(CodedClip clip) {
    LinkedBlockingQueue<InputHealth> told = new LinkedBlockingQueue<>();
    try (InputMonitor monitor = new InputMonitor("test", told::add)) {
      int track = track(clip);
      monitor.accept(new TrackEvent.Format(track, clip.format()));
      for (TrackEvent.Sample sample : clip.samples()) {
        monitor.accept(sample.retain());
      }
      await(monitor, clip);
      InputHealth health = monitor.health();
      monitor.close();
      assertThat(monitor.awaitStopped(LIMIT)).isTrue();
      assertThat(monitor.nativeHandles()).isZero();
      assertThat(monitor.dropped()).isZero();
      if (!health.equals(InputHealth.FINE)) {
        assertThat(told).isNotEmpty();
      }
      return health;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static int track(CodedClip clip) {
    return clip.format() instanceof TrackFormat.Video
        ? TrackEvent.VIDEO_TRACK
        : TrackEvent.AUDIO_TRACK;
  }

  private static void await(InputMonitor monitor, CodedClip clip) {
    long expected =
        clip.samples().stream()
            .filter(sample -> sample.track() == TrackEvent.AUDIO_TRACK || sample.key())
            .count();
    long deadlineNs = System.nanoTime() + LIMIT.toNanos();
    while (monitor.watched() < expected) {
      assertThat(System.nanoTime()).isLessThan(deadlineNs);
      Thread.onSpinWait();
    }
  }

  @Test
  void aMovingPictureIsFine() {
    assertThat(after(CodedClip.of(CONSTANT_RATE, CodedClip.Painting.moving())))
        .isEqualTo(InputHealth.FINE);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 400_000, 1_500_000})
  void onePictureEncodedAgainAndAgainIsFrozen(long bitrateBps) {
    InputHealth health =
        after(
            CodedClip.of(
                CONSTANT_RATE.withBitrate(bitrateBps),
                (plane, x, y, frame) -> stillLife(plane, x, y)));
    assertThat(health.frozen()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
    assertThat(health.black()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1_500_000})
  void aCamerasNoiseIsNotFrozen(long bitrateBps) {
    InputHealth health =
        after(
            CodedClip.of(
                CONSTANT_RATE.withBitrate(bitrateBps),
                (plane, x, y, frame) -> stillLife(plane, x, y) + noise(plane, x, y, frame, 1.5)));
    assertThat(health).isEqualTo(InputHealth.FINE);
  }

  @Test
  void somethingSmallThatMovesIsNotFrozen() {
    InputHealth health =
        after(
            CodedClip.of(
                CONSTANT_RATE,
                (plane, x, y, frame) ->
                    x / 16 == 4 && y / 16 == 3 && frame / 25 % 2 == 1
                        ? 200
                        : stillLife(plane, x, y)));
    assertThat(health).isEqualTo(InputHealth.FINE);
  }

  @Test
  void aBlackPictureIsBlackWithNoiseToo() {
    InputHealth health =
        after(
            CodedClip.of(
                CONSTANT_RATE,
                (plane, x, y, frame) -> (plane == 0 ? 17 : 128) + noise(plane, x, y, frame, 1.5)));
    assertThat(health.black()).isEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void aDarkPictureWithALampInItIsNotBlack() {
    InputHealth health =
        after(
            CodedClip.of(
                CONSTANT_RATE,
                (plane, x, y, frame) ->
                    plane > 0 ? 128 : x > 100 && x < 140 && y > 40 && y < 60 ? 90 : 18));
    assertThat(health.black()).isZero();
  }

  @Test
  void tenBitsAreLookedAtToo() {
    CodedClip.Video deep =
        CodedClip.Video.of("libx265", 10, Map.of("x265-params", "log-level=none"));
    assertThat(
            after(
                CodedClip.of(
                    deep.withFrames(51, 25), (plane, x, y, frame) -> plane == 0 ? 16 : 128)))
        .isEqualTo(new InputHealth(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ZERO));
    assertThat(after(CodedClip.of(deep.withFrames(51, 25), CodedClip.Painting.moving())))
        .isEqualTo(InputHealth.FINE);
  }

  @Test
  void silenceIsSilence() {
    CodedClip dither =
        CodedClip.sound(
            "aac", 48_000, 2, 2000, at -> new SplittableRandom(at).nextDouble(-1e-4, 1e-4));
    assertThat(after(dither).silent()).isBetween(Duration.ofMillis(1900), Duration.ofMillis(2100));
  }

  @Test
  void aHumOfFiftyHertzAtMinusFiftyDecibelsIsSound() {
    CodedClip hum =
        CodedClip.sound(
            "aac", 48_000, 2, 2000, at -> 0.00316 * Math.sin(2 * Math.PI * 50 * at / 48_000));
    assertThat(after(hum)).isEqualTo(InputHealth.FINE);
  }

  @Test
  void aBreakOfContinuityStartsTheCountAnew() throws InterruptedException {
    CodedClip still = CodedClip.of(CONSTANT_RATE, (plane, x, y, frame) -> stillLife(plane, x, y));
    try (InputMonitor monitor = new InputMonitor("test", health -> {})) {
      monitor.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, still.format()));
      still.samples().forEach(sample -> monitor.accept(sample.retain()));
      await(monitor, still);
      assertThat(monitor.health().frozen()).isPositive();
      monitor.accept(new TrackEvent.End("gone"));
      monitor.accept(still.samples().getFirst().retain());
      long deadlineNs = System.nanoTime() + LIMIT.toNanos();
      while (monitor.watched() < 6) {
        assertThat(System.nanoTime()).isLessThan(deadlineNs);
        Thread.onSpinWait();
      }
      assertThat(monitor.health()).isEqualTo(InputHealth.FINE);
    }
  }

  @Test
  void aSlowMonitorDropsTheOldestAndReleasesEverything() throws InterruptedException {
    CodedClip silence = CodedClip.sound("aac", 48_000, 1, 6000, at -> 0);
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    InputMonitor monitor =
        new InputMonitor(
            "test",
            health -> {
              stuck.countDown();
              try {
                assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    monitor.accept(new TrackEvent.Format(TrackEvent.AUDIO_TRACK, silence.format()));
    int before = silence.samples().getFirst().payload().refCnt();
    for (TrackEvent.Sample sample : silence.samples()) {
      monitor.accept(sample.retain());
      if (sample == silence.samples().get(20)) {
        assertThat(stuck.await(30, TimeUnit.SECONDS)).isTrue();
      }
    }
    assertThat(monitor.dropped()).isGreaterThan(100);
    monitor.close();
    go.countDown();
    assertThat(monitor.awaitStopped(LIMIT)).isTrue();
    assertThat(monitor.nativeHandles()).isZero();
    assertThat(silence.samples()).allMatch(sample -> sample.payload().refCnt() == before);
  }

  @Test
  void keyFramesMoreOftenThanTwiceASecondAreNotAllDecoded() throws InterruptedException {
    CodedClip intra = CodedClip.of(CONSTANT_RATE.withFrames(51, 1), CodedClip.Painting.moving());
    try (InputMonitor monitor = new InputMonitor("test", health -> {})) {
      monitor.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, intra.format()));
      intra.samples().forEach(sample -> monitor.accept(sample.retain()));
      long deadlineNs = System.nanoTime() + LIMIT.toNanos();
      while (monitor.watched() < 4) {
        assertThat(System.nanoTime()).isLessThan(deadlineNs);
        Thread.onSpinWait();
      }
      monitor.close();
      assertThat(monitor.awaitStopped(LIMIT)).isTrue();
      assertThat(monitor.watched()).isLessThanOrEqualTo(5);
    }
  }
}
