package io.millrace.codec.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.Profile;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class CostModelTest {
  private static final long P360 = 640 * 360;
  private static final long P720 = 1280 * 720;
  private static final long P1080 = 1920 * 1080;

  private static final CostModel MODEL =
      new CostModel(
          new Costs(
              List.of(
                  h264("veryfast", P360, 0.004),
                  h264("veryfast", P720, 0.012),
                  h264("veryfast", P1080, 0.030),
                  h264("ultrafast", P360, 0.002),
                  h264("ultrafast", P720, 0.006),
                  new EncoderCost(VideoCodec.AV1, Profile.QUALITY, "10", P720, 0.015)),
              List.of(new PixelCost(P1080, 0.006)),
              List.of(new PixelCost(P1080 + P360, 0.001), new PixelCost(P1080 + P720, 0.002)),
              0.01));

  private static EncoderCost h264(String preset, long pixels, double seconds) {
    return new EncoderCost(VideoCodec.H264, Profile.FAST, preset, pixels, seconds);
  }

  private static double picture(String preset, int width, int height) {
    return MODEL.pictureSeconds(VideoCodec.H264, Profile.FAST, preset, width, height).orElseThrow();
  }

  @Test
  void whatWasMeasuredIsPredicted() {
    assertThat(picture("veryfast", 640, 360)).isEqualTo(0.004);
    assertThat(picture("veryfast", 1280, 720)).isCloseTo(0.012, within(1e-9));
    assertThat(picture("veryfast", 1920, 1080)).isCloseTo(0.030, within(1e-9));
    assertThat(picture("ultrafast", 1280, 720)).isCloseTo(0.006, within(1e-9));
  }

  @Test
  void sizesBetweenAndBeyondAreInterpolated() {
    assertThat(picture("veryfast", 854, 480)).isBetween(0.0055, 0.0075);
    assertThat(picture("veryfast", 320, 180)).isBetween(0.0009, 0.002);
    assertThat(picture("veryfast", 3840, 2160)).isBetween(0.10, 0.18);
    assertThat(picture("ultrafast", 1920, 1080))
        .as("as much more than at 720p as with the preset that was measured there")
        .isCloseTo(0.015, Percentage.withPercentage(1));
  }

  @Test
  void presetsBetweenAndBeyondFollowTheirUsualShape() {
    assertThat(picture("superfast", 1280, 720)).isBetween(0.0085, 0.0115);
    assertThat(picture("medium", 1280, 720)).isBetween(0.025, 0.04);
    assertThat(picture("veryslow", 1280, 720)).isGreaterThan(0.1);
    double av1 =
        MODEL.pictureSeconds(VideoCodec.AV1, Profile.QUALITY, "8", 1280, 720).orElseThrow();
    assertThat(av1).isBetween(0.02, 0.04);
  }

  @Test
  void whatWasNotMeasuredIsNotKnown() {
    assertThat(MODEL.pictureSeconds(VideoCodec.AV1, Profile.FAST, "11", 1280, 720)).isEmpty();
  }

  @Test
  void aLadderIsDecodedOnceScaledOncePerSizeAndEncodedByRung() {
    TrackFormat.Video source =
        new TrackFormat.Video(
            VideoCodec.H264,
            "avc1.640028",
            new byte[] {1},
            1920,
            1080,
            Rational.ONE,
            new Rational(60, 1),
            new Colour(1, 1, 1, false),
            0);
    VideoRung half =
        new VideoRung(
            "720p30",
            VideoCodec.H264,
            720,
            2_000_000,
            "veryfast",
            Profile.FAST,
            new Rational(30, 1));
    Ladder ladder =
        new Ladder(
            List.of(
                VideoRung.of("720p", VideoCodec.H264, 720, 2_500_000, Profile.FAST),
                half,
                VideoRung.of("av1", VideoCodec.AV1, 720, 1_500_000, Profile.FAST)),
            AudioRung.aac(128_000));
    LadderCost cost = MODEL.ladder(LadderPlan.resolve(ladder, source));
    assertThat(cost.decodeCores()).isCloseTo(0.36, within(1e-9));
    assertThat(cost.scaleCores()).isCloseTo(0.12, within(1e-9));
    assertThat(cost.soundCores()).isEqualTo(0.01);
    assertThat(cost.rungs().get(0).cores().orElseThrow()).isCloseTo(0.72, within(1e-9));
    assertThat(cost.rungs().get(1).cores().orElseThrow()).isCloseTo(0.36, within(1e-9));
    assertThat(cost.rungs().get(2).cores()).isEmpty();
    assertThat(cost.cores()).isCloseTo(1.57, within(1e-9));
  }
}
