package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoEncoder;
import io.millrace.natives.svtav1.SvtAv1Version;
import java.util.Map;

/** The video encoders of the FFmpeg bundle. Thread-safe. */
public final class FfmpegEngines {
  /**
   * The SVT-AV1 release that is linked into the bundle's libavcodec, which has no function to ask.
   */
  public static final SvtAv1Version BUNDLED_SVT_AV1 = new SvtAv1Version(3, 1, 2);

  private FfmpegEngines() {}

  /** True when the bundle carries x264 (the GPL bundle), false when OpenH264 stands in for it. */
  public static boolean hasX264() {
    Ffmpeg.load();
    return avcodec_find_encoder_by_name("libx264") != null;
  }

  /** True when the bundle carries SVT-AV1. */
  public static boolean hasSvtAv1() {
    Ffmpeg.load();
    return avcodec_find_encoder_by_name("libsvtav1") != null;
  }

  /**
   * Opens x264, or OpenH264 in a bundle without it.
   *
   * @throws CodecException when the encoder refuses the settings
   */
  public static VideoEncoder openH264(EncoderSettings settings, NativeAccount account) {
    EncoderRecipe recipe =
        hasX264() ? EncoderRecipe.x264(settings) : EncoderRecipe.openH264(settings);
    return new FfmpegVideoEncoder(settings, recipe, account);
  }

  /**
   * As {@link #openH264}, with at most {@code maxBFrames} B-frames in a row where x264 is there.
   */
  public static VideoEncoder openH264(
      EncoderSettings settings, int maxBFrames, NativeAccount account) {
    EncoderRecipe recipe =
        hasX264() ? EncoderRecipe.x264(settings, maxBFrames) : EncoderRecipe.openH264(settings);
    return new FfmpegVideoEncoder(settings, recipe, account);
  }

  /**
   * Opens the bundled SVT-AV1.
   *
   * @param keyIntervalFrames pictures until it inserts a key frame of its own
   * @param followsKeyInterval {@link VideoEncoder#followsKeyInterval}
   * @param parameters by SVT-AV1's own names, but for rate, preset and key interval
   * @throws CodecException when it is not there or refuses the settings
   */
  public static VideoEncoder openSvtAv1(
      EncoderSettings settings,
      int keyIntervalFrames,
      boolean followsKeyInterval,
      Map<String, String> parameters,
      NativeAccount account) {
    EncoderRecipe recipe =
        EncoderRecipe.svtAv1(
            settings, BUNDLED_SVT_AV1, keyIntervalFrames, followsKeyInterval, parameters);
    return new FfmpegVideoEncoder(settings, recipe, account);
  }
}
