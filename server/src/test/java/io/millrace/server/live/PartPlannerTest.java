package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartPlannerTest {
  private static final long SECOND = Timescale.VIDEO.ticksPerSecond();

  private static TrackFormat video(Rational rate) {
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.64001f",
        new byte[0],
        1280,
        720,
        Rational.ONE,
        rate,
        Colour.UNSPECIFIED,
        0);
  }

  private static TrackFormat aac(int sampleRate, int samplesPerFrame) {
    return new TrackFormat.Audio(
        AudioCodec.AAC, "mp4a.40.2", new byte[0], sampleRate, 2, samplesPerFrame);
  }

  private static PartPlanner planner(int partMs) {
    return new PartPlanner(Duration.ofMillis(partMs));
  }

  @ParameterizedTest
  @CsvSource({
    "24, 1, 5",
    "24000, 1001, 5",
    "25, 1, 5",
    "30000, 1001, 6",
    "30, 1, 6",
    "50, 1, 10",
    "60000, 1001, 12",
    "60, 1, 12",
    "10, 1, 2",
    "1, 1, 1"
  })
  void aPartIsTheNearestWholeNumberOfFrames(int numerator, int denominator, int frames) {
    long ticks =
        planner(200)
            .partTicks(Map.of(TrackEvent.VIDEO_TRACK, video(new Rational(numerator, denominator))));
    assertThat(ticks).isEqualTo(frames * SECOND * denominator / numerator);
  }

  @Test
  void whatIsMeasuredCountsMoreThanWhatIsAnnounced() {
    PartPlanner planner = planner(200);
    Map<Integer, TrackFormat> formats = Map.of(TrackEvent.VIDEO_TRACK, video(new Rational(30, 1)));
    for (int i = 0; i < 4; i++) {
      planner.video(i * 14_400);
    }
    assertThat(planner.partTicks(formats)).isEqualTo(5 * 14_400);
    planner.video(5 * 14_400); // one is missing
    assertThat(planner.partTicks(formats)).isEqualTo(5 * 14_400);
    planner.restart();
    assertThat(planner.partTicks(formats)).isEqualTo(6 * 12_000);
  }

  @Test
  void withoutVideoOrItsRateItIsTheDurationItself() {
    assertThat(planner(250).partTicks(Map.of(TrackEvent.AUDIO_TRACK, aac(48_000, 1024))))
        .isEqualTo(SECOND / 4);
    assertThat(planner(250).partTicks(Map.of(TrackEvent.VIDEO_TRACK, video(null))))
        .isEqualTo(SECOND / 4);
  }

  @Test
  void offMeansNoParts() {
    assertThat(planner(0).partTicks(Map.of(TrackEvent.VIDEO_TRACK, video(new Rational(30, 1)))))
        .isZero();
  }

  /** n or n + 1 audio frames a part, and n is 85 % of n + 1 at least. */
  @ParameterizedTest
  @CsvSource({"100, 48000, 1024", "100, 44100, 1024", "200, 48000, 2048", "200, 22050, 2048"})
  void audioPartsAreNeverLessThan85PercentOfTheLongest(int partMs, int rate, int frame) {
    long ticks =
        planner(partMs)
            .partTicks(
                Map.of(
                    TrackEvent.VIDEO_TRACK,
                    video(new Rational(30, 1)),
                    TrackEvent.AUDIO_TRACK,
                    aac(rate, frame)));
    assertThat(ticks % 12_000).isZero();
    long fewest = ticks * rate / SECOND / frame;
    assertThat(fewest * 100).isGreaterThanOrEqualTo((fewest + 1) * 85);
    assertThat(ticks).isLessThan((long) frame * SECOND / rate * 7 + 12_000 + 6 * 900);
  }
}
