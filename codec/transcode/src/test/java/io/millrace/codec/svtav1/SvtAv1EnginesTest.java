package io.millrace.codec.svtav1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderRun;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Profile;
import io.millrace.codec.TestPictures;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.svtav1.SvtAv1Engines.Preference;
import io.millrace.media.TrackEvent;
import io.millrace.media.VideoCodec;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.av1.TemporalUnits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SvtAv1EnginesTest {
  @ParameterizedTest
  @EnumSource
  void bundledEncoderKeysWhereAskedAndNowhereElse(Profile profile) {
    try (SvtAv1Engines engines = SvtAv1Engines.select(null, Preference.BUNDLED)) {
      assertThat(engines.choice().engine()).isEqualTo("bundled");
      check(engines, profile);
    }
  }

  @ParameterizedTest
  @EnumSource
  void systemLibraryKeysWhereAskedAndNowhereElse(Profile profile) {
    try (SvtAv1Engines engines = systemLibrary()) {
      check(engines, profile);
    }
  }

  private static SvtAv1Engines systemLibrary() {
    try {
      return SvtAv1Engines.select(null, Preference.OWN_LIBRARY);
    } catch (CodecException e) {
      assertThat(System.getenv("CI")).as("libSvtAv1Enc must be there in CI").isNotEqualTo("true");
      assumeTrue(false, "no system libSvtAv1Enc (Debian: apt install libsvtav1enc1)");
      throw e;
    }
  }

  private static void check(SvtAv1Engines engines, Profile profile) {
    EncoderSettings settings = EncoderRun.settings(VideoCodec.AV1, profile, "11");
    EncoderRun run = EncoderRun.of(engines::open, settings, 80, Set.of(17, 40, 41));
    assertThat(run.encoder().engine()).contains("SVT-AV1 " + engines.choice().version());
    assertThat(run.keyTimes()).containsExactly(0L, 17 * 12_000L, 40 * 12_000L, 41 * 12_000L);
    for (TrackEvent.Sample sample : run.out().samples()) {
      assertThat(sample.dtsTicks()).isEqualTo(sample.ptsTicks());
      assertThat(TemporalUnits.isKeyFrame(sample.payload())).isEqualTo(sample.key());
      assertThat(sample.payload().getByte(0)).as("no temporal delimiter").isNotEqualTo((byte) 0x12);
    }
    assertThat(run.meanPsnr()).isGreaterThan(32);
    assertThat(run.bitrateBps()).isLessThan(1_100_000);
    var format = run.encoder().format();
    assertThat(format.colour()).isEqualTo(TestPictures.BT709);
    assertThat(Av1Configuration.parse(format.configuration()).sequence().colour())
        .isEqualTo(TestPictures.BT709);
    assertThat(format.codecs()).startsWith("av01.0.");
  }

  @Test
  void theNewestWinsAndSaysWhy() {
    try (SvtAv1Engines engines =
        SvtAv1Engines.select(Path.of("/no/such/lib.so"), Preference.NEWEST)) {
      assertThat(engines.choice().version()).isGreaterThanOrEqualTo(FfmpegEngines.BUNDLED_SVT_AV1);
      assertThat(engines.choice().why()).contains("configured library unusable");
    }
  }

  @Test
  void withoutAnyLibraryThatIsAllowedItSaysSo() {
    assumeTrue(noSystemLibrary(), "a system libSvtAv1Enc is installed");
    assertThatThrownBy(() -> SvtAv1Engines.select(null, Preference.OWN_LIBRARY))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("no SVT-AV1");
  }

  private static boolean noSystemLibrary() {
    try (SvtAv1Engines engines = SvtAv1Engines.select(null, Preference.OWN_LIBRARY)) {
      return false;
    } catch (CodecException e) {
      return true;
    }
  }

  /** libavcodec has no function that tells the version of the SVT-AV1 inside: its log line does. */
  @Test
  void theBundledVersionIsTheOneInTheBundle() throws IOException {
    Path library = Path.of(Loader.load(avcodec.class)).resolveSibling("libavcodec.so.62");
    assumeTrue(Files.exists(library), "libavcodec lies elsewhere: " + library);
    byte[] bytes = Files.readAllBytes(library);
    String version = "v" + FfmpegEngines.BUNDLED_SVT_AV1;
    assertThat(contains(bytes, version.getBytes(StandardCharsets.US_ASCII))).isTrue();
    assertThat(contains(bytes, "v3.1.3".getBytes(StandardCharsets.US_ASCII))).isFalse();
  }

  private static boolean contains(byte[] bytes, byte[] wanted) {
    for (int i = 0; i + wanted.length < bytes.length; i++) {
      int end = i + wanted.length;
      if (bytes[end] == 0 && Arrays.equals(bytes, i, end, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }
}
