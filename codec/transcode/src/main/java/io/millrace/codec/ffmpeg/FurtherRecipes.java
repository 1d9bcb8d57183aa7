package io.millrace.codec.ffmpeg;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.PacketForm;
import io.millrace.codec.RateMode;
import io.millrace.codec.Tune;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@link EncoderRecipe}s of x265, libvpx and libaom. */
final class FurtherRecipes {
  /** Left to the parameters, where it may be infinite. */
  private static final int X265_OWN = -1;

  private static final int X265_B_FRAMES = 3;

  /** Hours, in pictures; libvpx and libaom know no infinity. */
  private static final int VERY_LONG_FRAMES = 1 << 20;

  private static final String GRAIN_LEVEL = "8";

  private FurtherRecipes() {}

  static EncoderRecipe x265(EncoderSettings settings) {
    EncoderOptions wanted = settings.options();
    boolean lowDelay = wanted.lowDelay(settings.profile());
    int maxBFrames = wanted.bFrames(settings.profile(), X265_B_FRAMES);
    Map<String, String> options = new LinkedHashMap<>();
    options.put("preset", settings.preset());
    options.put("forced-idr", "1");
    options.put("a53cc", "0");
    switch (wanted.tune()) {
      case FILM_GRAIN -> options.put("tune", "grain");
      case SCREEN -> options.put("tune", "animation");
      case NONE, LOW_DELAY, PERCEPTUAL -> {}
    }
    EncoderRecipe.quality(settings, options);
    List<String> parameters =
        new ArrayList<>(
            List.of(
                "pools=none",
                "frame-threads=1",
                "wpp=0",
                "scenecut=0",
                "open-gop=0",
                "keyint=-1",
                "repeat-headers=0",
                "info=0",
                "log-level=none",
                "bframes=" + maxBFrames));
    if (lowDelay) {
      parameters.add("rc-lookahead=" + maxBFrames);
      parameters.add("b-adapt=0");
      parameters.add("cutree=0");
    }
    options.put("x265-params", String.join(":", parameters));
    return new EncoderRecipe(
        "libx265",
        "libx265",
        PacketForm.HEVC,
        FrameInput.Kind.PLANAR,
        EncoderRecipe.Rates.of(settings),
        X265_OWN,
        false,
        maxBFrames,
        options);
  }

  /** Real-time mode without look-ahead and hidden pictures: one picture in, one out. */
  static EncoderRecipe vp9(EncoderSettings settings) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("deadline", "realtime");
    options.put("cpu-used", settings.preset());
    options.put("lag-in-frames", "0");
    options.put("auto-alt-ref", "0");
    options.put("row-mt", "0");
    options.put("aq-mode", "3");
    switch (settings.options().tune()) {
      case FILM_GRAIN -> options.put("tune-content", "film");
      case SCREEN -> options.put("tune-content", "screen");
      case NONE, LOW_DELAY, PERCEPTUAL -> {}
    }
    EncoderRecipe.quality(settings, options);
    return googles(settings, "libvpx-vp9", "libvpx VP9", PacketForm.VP9, options);
  }

  static EncoderRecipe libaom(EncoderSettings settings) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("usage", "realtime");
    options.put("cpu-used", settings.preset());
    options.put("lag-in-frames", "0");
    options.put("row-mt", "0");
    options.put("aq-mode", "3");
    if (settings.options().tune() == Tune.FILM_GRAIN) {
      options.put("denoise-noise-level", GRAIN_LEVEL);
    } else if (settings.options().tune() == Tune.SCREEN) {
      options.put("aom-params", "tune-content=screen");
    }
    EncoderRecipe.quality(settings, options);
    return googles(settings, "libaom-av1", "libaom", PacketForm.AV1, options);
  }

  /**
   * What libvpx and libaom have in common: a constant rate is one whose least is its most, and a
   * quality is constrained by the target.
   */
  private static EncoderRecipe googles(
      EncoderSettings settings,
      String encoder,
      String engine,
      PacketForm form,
      Map<String, String> options) {
    long rate = settings.bitrateBps();
    boolean constant = EncoderRecipe.mode(settings) == RateMode.CBR;
    return new EncoderRecipe(
        encoder,
        engine,
        form,
        FrameInput.Kind.PLANAR,
        EncoderRecipe.Rates.of(settings).withTarget(rate, constant ? rate : 0),
        VERY_LONG_FRAMES,
        false,
        0,
        options);
  }
}
