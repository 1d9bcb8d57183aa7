package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Profile;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LadderPlanTest {
  @ParameterizedTest
  @CsvSource({
    "1920, 1080, 1/1, 0, 720, 1280, 720",
    "1280, 720, 1/1, 0, 720, 1280, 720",
    "1280, 720, 1/1, 0, 480, 854, 480",
    "1280, 720, 1/1, 0, 360, 640, 360",
    "720, 1280, 1/1, 0, 360, 360, 640",
    "1280, 720, 1/1, 90, 360, 360, 640",
    "1280, 720, 1/1, 270, 720, 720, 1280",
    "1280, 720, 1/1, 180, 360, 640, 360",
    "720, 576, 64/45, 0, 576, 1024, 576",
    "720, 576, 16/15, 0, 288, 384, 288",
    "1440, 1080, 4/3, 0, 1080, 1920, 1080",
    "1200, 1200, 1/1, 0, 240, 240, 240",
    "853, 481, 1/1, 0, 480, 852, 480",
    "853, 481, 1/1, 0, 481, 852, 480",
    "3840, 1600, 1/1, 0, 720, 1728, 720",
  })
  void sizesAreEvenSquareAndUpright(
      int width, int height, String aspect, int rotation, int rung, int outWidth, int outHeight) {
    LadderPlan plan = LadderPlan.resolve(ladder(rung), source(width, height, aspect, rotation));
    assertThat(plan.skipped()).isEmpty();
    assertThat(plan.rungs()).hasSize(1);
    assertThat(plan.rungs().getFirst().width()).isEqualTo(outWidth);
    assertThat(plan.rungs().getFirst().height()).isEqualTo(outHeight);
  }

  @Test
  void nothingIsScaledUp() {
    LadderPlan plan = LadderPlan.resolve(ladder(720), source(1278, 718, "1/1", 0));
    assertThat(plan.rungs()).isEmpty();
    assertThat(plan.skipped().getFirst().reason()).contains("1278x718");
  }

  @ParameterizedTest
  @CsvSource({"CLAMP, 480 360", "ALLOW, 1080 720 360"})
  void aLadderMaySayOtherwise(Ladder.Upscale upscale, String heights) {
    Ladder ladder =
        new Ladder(
            List.of(
                VideoRung.of("1080p", VideoCodec.H264, 1080, 500_000, Profile.FAST),
                VideoRung.of("720p", VideoCodec.H264, 720, 500_000, Profile.FAST),
                VideoRung.of("360p", VideoCodec.H264, 360, 500_000, Profile.FAST)),
            null,
            Ladder.HdrMode.TONEMAP,
            upscale);
    TrackFormat.Video source = source(854, 480, "1/1", 0);
    LadderPlan plan = LadderPlan.resolve(ladder, source);
    assertThat(plan.rungs().stream().map(PlannedRung::height).map(String::valueOf).toList())
        .isEqualTo(List.of(heights.split(" ")));
    assertThat(plan.skipped()).hasSize(3 - plan.rungs().size());
  }

  @Test
  void av1IsLeftOutWhereSvtTakesNothingSoSmall() {
    Ladder ladder =
        new Ladder(
            List.of(
                VideoRung.of("a", VideoCodec.AV1, 62, 100_000, Profile.FAST),
                VideoRung.of("b", VideoCodec.H264, 62, 100_000, Profile.FAST)),
            null);
    LadderPlan plan = LadderPlan.resolve(ladder, source(320, 180, "1/1", 0));
    assertThat(plan.rungs()).extracting(rung -> rung.rung().name()).containsExactly("b");
    assertThat(plan.skipped().getFirst().reason()).contains("SVT-AV1");
  }

  @Test
  void aSmallerSourceInTheMiddleKeepsEveryRung() {
    Ladder ladder =
        new Ladder(
            List.of(
                VideoRung.of("720", VideoCodec.H264, 720, 100_000, Profile.FAST),
                VideoRung.of("360", VideoCodec.H264, 360, 100_000, Profile.FAST)),
            null);
    LadderPlan plan =
        LadderPlan.resolve(ladder, source(1280, 720, "1/1", 0)).onto(source(640, 480, "1/1", 0));
    assertThat(plan.rungs()).extracting(PlannedRung::height).containsExactly(480, 360);
    assertThat(plan.rungs()).extracting(PlannedRung::width).containsExactly(640, 480);
  }

  private static Ladder ladder(int height) {
    return new Ladder(
        List.of(VideoRung.of("r", VideoCodec.H264, height, 500_000, Profile.FAST)), null);
  }

  private static TrackFormat.Video source(int width, int height, String aspect, int rotation) {
    String[] parts = aspect.split("/");
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.64001f",
        new byte[0],
        width,
        height,
        new Rational(Integer.parseInt(parts[0]), Integer.parseInt(parts[1])),
        new Rational(30, 1),
        Colour.UNSPECIFIED,
        rotation);
  }
}
