package io.millrace.codec.ffmpeg;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Engine;
import io.millrace.codec.PacketForm;
import io.millrace.codec.RateMode;
import io.millrace.media.VideoCodec;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** {@link EncoderRecipe}s of devices. */
final class HardwareRecipes {
  private static final int VERY_LONG_FRAMES = 1 << 20;
  private static final int B_FRAMES = 2;

  private HardwareRecipes() {}

  /**
   * @param settings whose engine is hardware
   */
  static EncoderRecipe of(EncoderSettings settings) {
    Engine engine = settings.engine();
    boolean lowDelay = settings.options().lowDelay(settings.profile());
    Map<String, String> options = new LinkedHashMap<>();
    switch (engine) {
      case NVENC -> {
        options.put("preset", settings.preset());
        options.put("tune", lowDelay ? "ll" : "hq");
        options.put("rc", EncoderRecipe.mode(settings) == RateMode.CBR ? "cbr" : "vbr");
        options.put("forced-idr", "1");
        options.put("no-scenecut", "1");
        options.put("delay", "0");
        options.put("a53cc", "0");
        if (lowDelay) {
          options.put("zerolatency", "1");
        }
      }
      case QSV -> {
        options.put("preset", settings.preset());
        options.put("forced_idr", "1");
        options.put("async_depth", lowDelay ? "1" : "4");
      }
      case VAAPI -> {
        options.put("async_depth", lowDelay ? "1" : "2");
        options.put("rc_mode", EncoderRecipe.mode(settings) == RateMode.CBR ? "CBR" : "VBR");
      }
      default -> {}
    }
    int ownBFrames = engine.maxBFrames() == 0 || !reorders(settings.codec()) ? 0 : B_FRAMES;
    String name = settings.codec().name().toLowerCase(Locale.ROOT) + "_" + engine.word();
    return new EncoderRecipe(
        name,
        name,
        form(settings.codec()),
        input(engine),
        EncoderRecipe.Rates.of(settings),
        VERY_LONG_FRAMES,
        false,
        settings.options().bFrames(settings.profile(), ownBFrames),
        options);
  }

  private static boolean reorders(VideoCodec codec) {
    return codec == VideoCodec.H264 || codec == VideoCodec.HEVC;
  }

  private static PacketForm form(VideoCodec codec) {
    return switch (codec) {
      case H264 -> PacketForm.H264;
      case HEVC -> PacketForm.HEVC;
      case AV1 -> PacketForm.AV1;
      case VP9 -> PacketForm.VP9;
    };
  }

  private static FrameInput.Kind input(Engine engine) {
    return switch (engine) {
      case QSV -> FrameInput.Kind.INTERLEAVED;
      case VAAPI -> FrameInput.Kind.VAAPI;
      default -> FrameInput.Kind.PLANAR;
    };
  }
}
