package io.millrace.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Profile;
import io.millrace.codec.cost.Costs;
import io.millrace.codec.cost.EncoderCost;
import io.millrace.codec.cost.PixelCost;
import io.millrace.codec.ladder.Engines;
import io.millrace.codec.svtav1.SvtAv1Engines;
import io.millrace.media.VideoCodec;
import io.millrace.server.budget.Calibration;
import io.millrace.server.budget.CalibrationFile;
import io.millrace.server.budget.Calibrator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With a calibration that is there already: four cores, and costs that can be added in one's head.
 */
final class PlanCommandTest {
  private static final long P360 = 640 * 360;
  private static final long P720 = 1280 * 720;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir Path dir;

  private int plan(String... more) {
    List<String> args = new ArrayList<>(List.of("plan", "--set", "data.dir=" + dir));
    args.addAll(List.of(more));
    return MillraceCommand.execute(
        (_, _, _, _) -> 1,
        args.toArray(String[]::new),
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private void keepCalibration() throws IOException {
    Calibration.Identity identity;
    try (SvtAv1Engines av1 = SvtAv1Engines.select(null, SvtAv1Engines.Preference.NEWEST)) {
      identity =
          new Calibrator(new Engines(av1), VersionText.version(), InstantSource.system())
              .identity();
    }
    CalibrationFile.write(
        dir, new Calibration(identity, Instant.parse("2026-11-29T05:00:00Z"), costs()));
  }

  private static Costs costs() {
    List<EncoderCost> encoders = new ArrayList<>();
    for (Profile profile : Profile.values()) {
      encoders.add(new EncoderCost(VideoCodec.H264, profile, "veryfast", P360, 0.004));
      encoders.add(new EncoderCost(VideoCodec.H264, profile, "veryfast", P720, 0.016));
      encoders.add(new EncoderCost(VideoCodec.H264, profile, "superfast", P360, 0.003));
      encoders.add(new EncoderCost(VideoCodec.AV1, profile, "11", P360, 0.005));
      encoders.add(new EncoderCost(VideoCodec.AV1, profile, "11", P720, 0.02));
    }
    return new Costs(
        encoders,
        List.of(new PixelCost(P720, 0.003)),
        List.of(new PixelCost(P720 + P360, 0.001)),
        0.01);
  }

  @Test
  void theTableSaysWhatEachRungCostsWhatFitsAndWhatGoesFirst() throws IOException {
    keepCalibration();
    assertThat(plan("--source", "1280x720@30")).as(err.toString(StandardCharsets.UTF_8)).isZero();
    String table = out.toString(StandardCharsets.UTF_8);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(table)
        .contains("from the calibration of 2026-11-29 05:00 UTC")
        .containsPattern("AV1 +SVT-AV1 [0-9.]+ \\(.+\\): ")
        .contains("Ladder standard: all streams")
        .containsPattern("360p +h264 +640x360 +30 +veryfast +always +0\\.12\n")
        .containsPattern("av1-720p +av1 +1280x720 +30 +11 +always +0\\.60\n")
        .containsPattern("av1-360p +av1 +640x360 +30 +11 +always +0\\.15\n")
        .containsPattern("decoding +0\\.09\n")
        .containsPattern("scaling +0\\.03\n")
        .containsPattern("one stream +0\\.99\n")
        .containsPattern("1\\. av1-720p pauses +0\\.39 left")
        .containsPattern("2\\. av1-360p pauses +0\\.24 left")
        .containsPattern("3\\. faster presets +0\\.21 left")
        .containsPattern("5\\. half the frame rate")
        .containsPattern("6\\. new streams are refused\n");
  }

  @Test
  void aRungThatTheSourceIsTooSmallForIsSaidToBeLeftOut() throws IOException {
    keepCalibration();
    assertThat(plan("--source", "640x360@25")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern("av1-720p +left out: would scale up: the source is 640x360");
  }

  @Test
  void theSameForPrograms() throws IOException {
    keepCalibration();
    assertThat(plan("--json", "--source", "1280x720@30")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("\"calibrated\" : \"2026-11-29T05:00:00Z\"")
        .containsPattern("\"cores\" : 0\\.99,\\s+\"fits\" : [0-9]+")
        .containsPattern("\"pauses\" : \"av1-720p\",\\s+\"cores\" : 0\\.39")
        .contains("\"step\" : \"half-rate\"");
  }

  @Test
  void aBadConfigurationIsTwoAndNothingIsMeasured() throws IOException {
    Path bad = Files.writeString(dir.resolve("bad.yaml"), "ladders: { l: { vide: [] } }\n");
    assertThat(plan("--config", bad.toString())).isEqualTo(2);
    assertThat(CalibrationFile.in(dir)).doesNotExist();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("ladders.l.vide");
  }

  @Test
  void aCalibrationReadsAsItWasWrittenAndOneThatIsSpoiltIsNone() throws IOException {
    keepCalibration();
    assertThat(CalibrationFile.read(dir).orElseThrow().costs()).isEqualTo(costs());
    for (String spoilt :
        List.of("", "made yesterday\n", "encoder h264 fast veryfast 230400\n", "\0\1\2")) {
      Files.writeString(CalibrationFile.in(dir), spoilt);
      assertThat(CalibrationFile.read(dir)).as(spoilt).isEmpty();
    }
  }
}
