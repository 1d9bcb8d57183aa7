package io.millrace.media.timeline;

import static io.millrace.media.TrackEvent.videoTrack;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Encodings of the same pictures come out at the same ticks, whatever the rounding, the reordering
 * and the interleaving: what makes a multitrack push an adaptive set.
 */
class AlignedTracksTest {
  private static final Rational NTSC_60 = new Rational(60_000, 1001);

  /**
   * One sample on the wire.
   *
   * @param picture number of the picture shown, of all tracks
   * @param arrivalUs when it reaches the timeline
   */
  private record Arrival(
      int track, long picture, long arrivalUs, long dtsMs, long compositionOffsetMs) {}

  /** How one encoder of the pictures works. */
  private record Encoder(int track, int everyNth, int delayFrames, boolean nearest, long lateUs) {
    static Encoder random(int track, boolean nearest, Random random) {
      return new Encoder(
          track, 1 + random.nextInt(2), random.nextInt(3), nearest, random.nextInt(1_000_000));
    }

    long toMs(long us) {
      return nearest ? Math.floorDiv(us + 500, 1_000) : Math.floorDiv(us, 1_000);
    }

    /** In decoding order; with a delay, every third picture is a reference sent ahead of two. */
    List<Arrival> encode(long firstPicture, long pictures, LongUnaryOperator timeUs) {
      List<Arrival> arrivals = new ArrayList<>();
      List<Long> shown = new ArrayList<>();
      for (long picture = firstPicture; picture < pictures; picture++) {
        if (picture % everyNth == 0) {
          shown.add(picture);
        }
      }
      for (int n = 0; n < shown.size(); n++) {
        int reference = delayFrames == 0 ? n : n % 3 == 0 ? n + 2 : n - 1;
        long picture = shown.get(Math.min(reference, shown.size() - 1));
        if (delayFrames > 0 && n + 3 > shown.size()) {
          break;
        }
        long stepUs = timeUs.applyAsLong(everyNth) - timeUs.applyAsLong(0);
        long dtsUs = timeUs.applyAsLong(shown.get(n)) - delayFrames * stepUs;
        long ptsUs = timeUs.applyAsLong(picture);
        // decoding time and offset are each rounded on their own (obs-studio#12151)
        arrivals.add(new Arrival(track, picture, dtsUs + lateUs, toMs(dtsUs), toMs(ptsUs - dtsUs)));
      }
      return arrivals;
    }
  }

  /** Feeds the encoders' output and checks it; returns the timeline. */
  private static Timeline feed(
      Random random, @Nullable Rational declared, LongUnaryOperator timeUs, double lost) {
    Timeline timeline = new Timeline(Timescale.MILLIS, 32, random.nextInt(1_000_000));
    List<Arrival> arrivals = new ArrayList<>();
    boolean nearest = random.nextBoolean();
    int tracks = 2 + random.nextInt(3);
    for (int i = 0; i < tracks; i++) {
      Encoder encoder = Encoder.random(videoTrack(i), nearest, random);
      timeline.frameRate(
          encoder.track,
          declared == null
              ? null
              : new Rational(declared.numerator(), declared.denominator() * encoder.everyNth));
      arrivals.addAll(encoder.encode(random.nextInt(300), 1_800, timeUs));
    }
    arrivals.sort(Comparator.comparingLong(Arrival::arrivalUs));
    Map<Long, Long> ticksOfPicture = new HashMap<>();
    Map<Integer, Long> lastDts = new HashMap<>();
    for (Arrival arrival : arrivals) {
      if (random.nextDouble() < lost) {
        continue;
      }
      VideoStamp stamp = timeline.video(arrival.track, arrival.dtsMs, arrival.compositionOffsetMs);
      Long same = ticksOfPicture.putIfAbsent(arrival.picture, stamp.ptsTicks());
      if (same != null) {
        assertThat(stamp.ptsTicks()).as("%s", arrival).isEqualTo(same);
      }
      Long last = lastDts.put(arrival.track, stamp.dtsTicks());
      assertThat(stamp.dtsTicks()).isGreaterThan(last == null ? Long.MIN_VALUE : last);
    }
    assertThat(timeline.counters().duplicates()).isZero();
    return timeline;
  }

  private static LongUnaryOperator exact(Rational rate) {
    return picture -> picture * 1_000_000L * rate.denominator() / rate.numerator();
  }

  @Test
  void picturesOfAConstantRateMeet() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      Rational rate = List.of(NTSC_60, new Rational(50, 1), new Rational(30, 1)).get(seed % 3);
      Timeline timeline = feed(random, rate, exact(rate), 0);
      assertThat(timeline.counters().jumps()).as("seed %d", seed).isZero();
    }
  }

  @Test
  void picturesMeetWhereNoRateIsDeclared() {
    for (int seed = 0; seed < 100; seed++) {
      feed(new Random(seed), null, exact(NTSC_60), 0);
    }
  }

  @Test
  void picturesMeetInSpiteOfLosses() {
    for (int seed = 0; seed < 100; seed++) {
      feed(new Random(seed), NTSC_60, exact(NTSC_60), 0.1);
    }
  }

  @Test
  void picturesOfADriftingCameraMeet() {
    for (int seed = 0; seed < 100; seed++) {
      feed(new Random(seed), NTSC_60, picture -> picture * 16_725, 0.02);
    }
  }

  @Test
  void picturesOfAVariableRateMeet() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      long[] timesUs = new long[2_000];
      for (int i = 1; i < timesUs.length; i++) {
        timesUs[i] = timesUs[i - 1] + 12_000 + random.nextInt(30_000);
      }
      feed(random, seed % 2 == 0 ? null : NTSC_60, picture -> timesUs[(int) picture], 0.02);
    }
  }
}
