package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avutil.av_version_info;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoEncoder;
import io.millrace.media.MediaFormatException;
import io.millrace.natives.svtav1.SvtAv1Version;
import java.nio.file.Path;
import java.util.Map;

/** The video encoders of the FFmpeg bundle. Thread-safe. */
public final class FfmpegEngines {
  /**
   * The SVT-AV1 release that is linked into the bundle's libavcodec, which has no function to ask.
   */
  public static final SvtAv1Version BUNDLED_SVT_AV1 = new SvtAv1Version(3, 1, 2);

  private FfmpegEngines() {}

  /** FFmpeg's release, such as {@code 8.0.1}. */
  public static String release() {
    Ffmpeg.load();
    return av_version_info().getString();
  }

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

  /** What SVT-AV1 is told so that {@link io.millrace.codec.RateMode#CAPPED_CRF} keeps its cap. */
  public static long svtAv1CapBps(EncoderSettings settings) {
    return EncoderRecipe.svtAv1Cap(settings);
  }

  /** Opens OpenH264. */
  public static VideoEncoder openOpenH264(EncoderSettings settings, NativeAccount account) {
    return new FfmpegVideoEncoder(settings, EncoderRecipe.openH264(settings), account);
  }

  /**
   * Opens x265.
   *
   * @throws CodecException when it is not in the bundle (the GPL one has it)
   */
  public static VideoEncoder openX265(EncoderSettings settings, NativeAccount account) {
    return new FfmpegVideoEncoder(settings, FurtherRecipes.x265(settings), account);
  }

  /** Opens libvpx, for VP9. */
  public static VideoEncoder openVp9(EncoderSettings settings, NativeAccount account) {
    return new FfmpegVideoEncoder(settings, FurtherRecipes.vp9(settings), account);
  }

  /** Opens libaom, for AV1. */
  public static VideoEncoder openLibaom(EncoderSettings settings, NativeAccount account) {
    return new FfmpegVideoEncoder(settings, FurtherRecipes.libaom(settings), account);
  }

  /**
   * Opens the encoder of a device.
   *
   * @param settings whose engine is hardware
   * @param dev where devices are
   * @throws CodecException naming the device, when it is not there or does not do it
   */
  public static VideoEncoder openHardware(
      EncoderSettings settings, Path dev, NativeAccount account) {
    Path device = HardwareDevice.find(settings.engine(), dev);
    EncoderRecipe recipe = HardwareRecipes.of(settings);
    try {
      return new FfmpegVideoEncoder(settings, recipe, device, account);
    } catch (CodecException e) {
      throw new CodecException(
          settings.engine().word() + " on " + device + " does not work: " + e.getMessage(), e);
    } catch (MediaFormatException e) {
      throw new CodecException(
          settings.engine().word() + " on " + device + " gives no header before a picture", e);
    }
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
