package io.millrace.codec.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderRun;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Profile;
import io.millrace.codec.TestPictures;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.h264.AccessUnits;
import io.millrace.media.h264.AvcConfiguration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FfmpegEncodersTest {
  private static final Set<Integer> KEYS = Set.of(17, 40, 41);

  @ParameterizedTest
  @EnumSource
  void x264KeysWhereAskedAndNowhereElse(Profile profile) {
    assumeTrue(FfmpegEngines.hasX264(), "no libx264 in this bundle");
    EncoderSettings settings = EncoderRun.settings(VideoCodec.H264, profile, "veryfast");
    EncoderRun run = EncoderRun.of(FfmpegEngines::openH264, settings, 90, KEYS);
    assertThat(run.encoder().engine()).isEqualTo("libx264");
    checkH264(run);
    boolean reordered =
        run.out().samples().stream().anyMatch(sample -> sample.dtsTicks() != sample.ptsTicks());
    assertThat(reordered).isEqualTo(profile == Profile.QUALITY);
  }

  @Test
  void openH264StandsInForX264() {
    EncoderSettings settings = EncoderRun.settings(VideoCodec.H264, Profile.FAST, "veryfast");
    EncoderRun run =
        EncoderRun.of(
            (wanted, account) ->
                new FfmpegVideoEncoder(wanted, EncoderRecipe.openH264(wanted), account),
            settings,
            90,
            KEYS);
    assertThat(run.encoder().engine()).isEqualTo("libopenh264");
    checkH264(run);
  }

  private static void checkH264(EncoderRun run) {
    assertThat(run.keyTimes()).containsExactly(0L, 17 * 12_000L, 40 * 12_000L, 41 * 12_000L);
    for (TrackEvent.Sample sample : run.out().samples()) {
      assertThat(AccessUnits.isIdr(sample.payload(), 4)).isEqualTo(sample.key());
    }
    assertThat(run.meanPsnr()).isGreaterThan(32);
    TrackFormat.Video format = run.encoder().format();
    assertThat(format.colour()).isEqualTo(TestPictures.BT709);
    AvcConfiguration configuration = AvcConfiguration.parse(format.configuration());
    assertThat(configuration.sequence().width()).isEqualTo(320);
    assertThat(configuration.sequence().height()).isEqualTo(180);
    assertThat(configuration.sequence().usability().colour()).isEqualTo(TestPictures.BT709);
  }

  @Test
  void whatAnEncoderDoesNotKnowIsRefused() {
    assertThatThrownBy(() -> EncoderRun.settings(VideoCodec.H264, Profile.FAST, "hasty"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EncoderRun.settings(VideoCodec.AV1, Profile.FAST, "14"))
        .isInstanceOf(IllegalArgumentException.class);
    NativeAccount account = new NativeAccount();
    EncoderSettings settings = EncoderRun.settings(VideoCodec.H264, Profile.FAST, "veryfast");
    EncoderRecipe fine = EncoderRecipe.openH264(settings);
    Map<String, String> options = new HashMap<>(fine.options());
    options.put("no_such_option", "1");
    EncoderRecipe recipe =
        new EncoderRecipe(
            fine.encoder(),
            fine.engine(),
            fine.form(),
            fine.input(),
            fine.rates(),
            fine.gopFrames(),
            fine.followsKeyInterval(),
            fine.maxBFrames(),
            options);
    assertThatThrownBy(() -> new FfmpegVideoEncoder(settings, recipe, account))
        .isInstanceOf(CodecException.class);
    assertThat(account.handles()).isZero();
  }
}
