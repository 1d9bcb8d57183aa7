package io.millrace.media.timeline;

import static io.millrace.media.TrackEvent.AUDIO_TRACK;
import static io.millrace.media.TrackEvent.VIDEO_TRACK;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The count of samples follows a drifting wire at the edges of frames, and nothing else. */
class AudioDriftTest {
  private static final int RATE = 48_000;
  private static final int FRAME = 1024;
  private static final long HOUR_FRAMES = 3600L * RATE / FRAME;

  /** Frames of one track, stamped in milliseconds, and what became of them. */
  private static final class Run {
    final Timeline timeline = new Timeline(Timescale.MILLIS, 32, 0);
    final int rate;
    final int samples;
    long last = Long.MIN_VALUE;
    long shortest = Long.MAX_VALUE;
    long longest = Long.MIN_VALUE;
    double worstMs;

    Run(int rate, int samples) {
      this.rate = rate;
      this.samples = samples;
    }

    /**
     * @param wireUs what the sender's clock shows for a frame, before it is rounded down
     */
    Run feed(long frames, LongUnaryOperator wireUs) {
      for (long n = 0; n < frames; n++) {
        frame(wireUs.applyAsLong(n));
      }
      return this;
    }

    void frame(long wireUs) {
      long placed = timeline.audio(AUDIO_TRACK, Math.floorDiv(wireUs, 1000), rate, samples);
      worstMs = Math.max(worstMs, Math.abs(placed * 1000.0 / rate - wireUs / 1000.0));
      if (last != Long.MIN_VALUE) {
        shortest = Math.min(shortest, placed - last);
        longest = Math.max(longest, placed - last);
      }
      last = placed;
    }

    long exactUs(long frame) {
      return frame * samples * 1_000_000 / rate;
    }
  }

  @ParameterizedTest
  @CsvSource({
    "48000, 1024, 50, 3.5",
    "48000, 1024, -50, 3.5",
    "48000, 1024, 500, 6",
    "48000, 1024, -500, 6",
    "44100, 1024, 500, 6",
    "48000, 960, -500, 6",
    "48000, 120, 500, 6",
    "44100, 1152, -500, 6",
    "48000, 1024, 1000, 11",
    "48000, 1024, -1000, 11"
  })
  void aDriftingSampleClockIsFollowedWithoutAHole(
      int rate, int samples, int partsPerMillion, double boundMs) {
    Run run = new Run(rate, samples);
    long frames = 24L * 3600 * rate / samples;
    run.feed(
        frames,
        n -> {
          long us = run.exactUs(n);
          return us + us / 1_000 * partsPerMillion / 1_000;
        });
    assertThat(run.worstMs).isLessThan(boundMs);
    // 0.5 %, or one sample where that is less
    long step = Math.max(1, (samples + 199) / 200);
    assertThat(run.shortest).isBetween(samples - step, (long) samples);
    assertThat(run.longest).isBetween((long) samples, samples + step);
    Timeline.Counters counters = run.timeline.counters();
    assertThat(counters.resyncs() + counters.jumps() + counters.duplicates()).isZero();
    double driftSamples = 24.0 * 3600 * rate * Math.abs(partsPerMillion) / 1e6;
    assertThat((double) counters.slewedSamples())
        .isBetween(driftSamples - 0.006 * rate, driftSamples + 0.006 * rate);
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "4", "6"})
  void bunchedStampsAreNoDrift(int bunch) {
    Run run = new Run(RATE, FRAME);
    run.feed(HOUR_FRAMES, n -> run.exactUs(n / bunch * bunch));
    assertThat(run.last).isEqualTo((HOUR_FRAMES - 1) * FRAME);
    assertThat(run.timeline.counters()).isEqualTo(new Timeline.Counters(0, 0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({"44100, 1024", "48000, 1024", "48000, 960", "32000, 1152", "16000, 1024"})
  void roundedAndJitteryStampsAreNoDrift(int rate, int samples) {
    for (int jitterUs : new int[] {0, 500, 2_000, 8_000}) {
      for (int seed = 0; seed < 5; seed++) {
        Random random = new Random(seed);
        long startUs = random.nextInt(1_000_000);
        Run run = new Run(rate, samples);
        long frames = 3600L * rate / samples;
        long[] first = {Long.MIN_VALUE};
        run.feed(
            frames,
            n -> {
              long us = startUs + run.exactUs(n) + random.nextInt(2 * jitterUs + 1) - jitterUs;
              first[0] = first[0] == Long.MIN_VALUE ? us : first[0];
              return us;
            });
        assertThat(run.last)
            .as("±%d µs, seed %d", jitterUs, seed)
            .isEqualTo((frames - 1) * samples);
        assertThat(run.timeline.counters().slewedSamples()).isZero();
      }
    }
  }

  /** A tenth of the frames is lost, in places alone and in runs, while the clock drifts. */
  @Test
  void lostFramesAreHolesOfWholeFramesAndDriftIsNot() {
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      Run run = new Run(RATE, FRAME);
      long irregular = 0;
      long lastFrame = 0;
      long last = 0;
      for (long n = 0; n < HOUR_FRAMES; n++) {
        if (n > 0 && random.nextInt(30) == 0) {
          n += 1 + random.nextInt(5);
        }
        long us = run.exactUs(n);
        run.frame(us + us / 1_000 * 100 / 1_000);
        long holes = run.last - last - (n - lastFrame) * FRAME;
        irregular += Math.abs(holes) > 5 ? 1 : 0;
        last = run.last;
        lastFrame = n;
      }
      assertThat(run.worstMs).as("seed %d", seed).isLessThan(4);
      // 360 ms of drift an hour, in pieces of about 2 ms where a hole's end takes it all up
      assertThat(irregular).as("seed %d", seed).isLessThan(240);
      assertThat(run.timeline.counters().jumps()).isZero();
    }
  }

  /** The camera's clock runs off by 300 ppm and the sound card's by −200 ppm, for a day. */
  @Test
  void soundAndPictureStayTogetherForADay() {
    Timeline timeline = new Timeline(Timescale.MILLIS, 32, 0);
    timeline.frameRate(VIDEO_TRACK, new Rational(30, 1));
    long dayUs = 24L * 3600 * 1_000_000;
    long frame = 0;
    long audioFrame = 0;
    double worstMs = 0;
    double videoErrorMs = 0;
    while (true) {
      long videoUs = frame * 1_000_000 / 30;
      long audioUs = audioFrame * FRAME * 1_000_000 / RATE;
      long stampedVideoUs = videoUs + videoUs / 1_000 * 300 / 1_000;
      long stampedAudioUs = audioUs - audioUs / 1_000 * 200 / 1_000;
      if (Math.min(stampedVideoUs, stampedAudioUs) > dayUs) {
        break;
      }
      if (stampedVideoUs <= stampedAudioUs) {
        long dts = timeline.video(VIDEO_TRACK, stampedVideoUs / 1_000, 0).dtsTicks();
        videoErrorMs = dts / 360.0 - stampedVideoUs / 1_000.0;
        frame++;
      } else {
        long pts = timeline.audio(AUDIO_TRACK, stampedAudioUs / 1_000, RATE, FRAME);
        double audioErrorMs = pts * 1_000.0 / RATE - stampedAudioUs / 1_000.0;
        worstMs = Math.max(worstMs, Math.abs(videoErrorMs - audioErrorMs));
        audioFrame++;
      }
    }
    assertThat(worstMs).isLessThan(7);
    assertThat(timeline.counters().jumps()).isZero();
    assertThat(timeline.counters().duplicates()).isZero();
  }

  /**
   * A day with a loss every minute: each session has a new clock and begins at the wall clock's
   * position, and sound drifts by 300 ppm while it lasts.
   */
  @Test
  void aLossEveryMinuteForADayLeavesSoundAndPictureTogether() {
    Random random = new Random(1);
    double worstMs = 0;
    long lastDts = -1;
    long lastPts = -1;
    for (long minute = 0; minute < 24 * 60; minute++) {
      long originTicks = minute * 60 * 360_000 + random.nextInt(360_000);
      Timeline timeline = new Timeline(Timescale.MILLIS, 32, originTicks);
      timeline.frameRate(VIDEO_TRACK, new Rational(30, 1));
      long startMs = random.nextLong() & 0xFFFF_FFFFL;
      long audioFrame = 0;
      for (long frame = 0; frame < 58 * 30; frame++) {
        long videoUs = frame * 1_000_000 / 30;
        lastDts =
            later(lastDts, timeline.video(VIDEO_TRACK, startMs + videoUs / 1_000, 0).dtsTicks());
        double videoErrorMs = (lastDts - originTicks) / 360.0 - videoUs / 1_000.0;
        long audioUs = audioFrame * FRAME * 1_000_000 / RATE;
        while (audioUs + audioUs * 3 / 10_000 <= videoUs) {
          long stampedUs = audioUs + audioUs * 3 / 10_000;
          lastPts =
              later(lastPts, timeline.audio(AUDIO_TRACK, startMs + stampedUs / 1_000, RATE, FRAME));
          double audioErrorMs =
              lastPts * 1_000.0 / RATE - originTicks / 360.0 - stampedUs / 1_000.0;
          worstMs = Math.max(worstMs, Math.abs(videoErrorMs - audioErrorMs));
          audioFrame++;
          audioUs = audioFrame * FRAME * 1_000_000 / RATE;
        }
      }
    }
    assertThat(worstMs).isLessThan(6);
  }

  private static long later(long last, long next) {
    assertThat(next).isGreaterThan(last);
    return next;
  }
}
