package io.millrace.codec.ffmpeg;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.PacketForm;
import io.millrace.codec.RateMode;
import io.millrace.codec.Tune;
import io.millrace.natives.svtav1.SvtAv1Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How a libavcodec encoder is set up: always one thread, no scene-cut detection, no periodic key
 * frames, closed GOPs. Those of other libraries and of devices are in {@link FurtherRecipes} and
 * {@link HardwareRecipes}.
 *
 * @param encoder libavcodec's name
 * @param engine what is shown to people
 * @param input how pictures get into it
 * @param rates what rate control is told
 * @param gopFrames pictures until the encoder would insert a key frame of its own
 * @param followsKeyInterval {@link io.millrace.codec.VideoEncoder#followsKeyInterval}
 * @param options private options by name; each must be known to the encoder
 */
record EncoderRecipe(
    String encoder,
    String engine,
    PacketForm form,
    FrameInput.Kind input,
    Rates rates,
    int gopFrames,
    boolean followsKeyInterval,
    int maxBFrames,
    Map<String, String> options) {

  /** X264_KEYINT_MAX_INFINITE. */
  private static final int X264_INFINITE = 1 << 30;

  private static final int X264_B_FRAMES = 3;

  /**
   * Rate control.
   *
   * @param bps target; 0 where a quality is
   * @param leastBps as the target where a library takes that for constant; else 0
   * @param maxBps peak over {@code bufferBits}
   */
  record Rates(long bps, long leastBps, long maxBps, long bufferBits) {
    /** By the mode in force. */
    static Rates of(EncoderSettings settings) {
      long rate = settings.bitrateBps();
      return switch (mode(settings)) {
        case CBR -> new Rates(rate, 0, rate, rate);
        case CAPPED_CRF -> new Rates(0, 0, rate, rate);
        case VBR, PROFILE -> new Rates(rate, 0, rate + rate / 4, 2 * rate);
      };
    }

    /** The same with a target, for libraries whose quality goes with one. */
    Rates withTarget(long target, long least) {
      return new Rates(target, least, maxBps, bufferBits);
    }
  }

  static RateMode mode(EncoderSettings settings) {
    return settings.options().rate(settings.profile());
  }

  /** Puts the quality where the mode has one. */
  static void quality(EncoderSettings settings, Map<String, String> options) {
    if (mode(settings) == RateMode.CAPPED_CRF) {
      options.put("crf", Integer.toString(settings.options().crf(settings.codec())));
    }
  }

  static EncoderRecipe x264(EncoderSettings settings) {
    return x264(settings, settings.options().bFrames(settings.profile(), X264_B_FRAMES));
  }

  /** x264 with a chosen number of B-frames, for media that is made rather than transcoded. */
  static EncoderRecipe x264(EncoderSettings settings, int maxBFrames) {
    Map<String, String> options = new LinkedHashMap<>();
    // OpenH264 stands in for it with the same settings, and has no presets.
    options.put("preset", settings.preset());
    options.put("forced-idr", "1");
    options.put("sc_threshold", "0");
    options.put("a53cc", "0"); // captions are put in behind the encoder, in every codec alike
    List<String> tunes = x264Tunes(settings);
    if (!tunes.isEmpty()) {
      options.put("tune", String.join(",", tunes));
    }
    quality(settings, options);
    options.put(
        "x264-params",
        "sliced-threads=0:sync-lookahead=0:keyint=infinite"
            + X264ParameterSets.kept(settings)
            + X264ParameterSets.ofAnyQuality(settings));
    return new EncoderRecipe(
        "libx264",
        "libx264",
        PacketForm.H264,
        FrameInput.Kind.PLANAR,
        Rates.of(settings),
        X264_INFINITE,
        false,
        maxBFrames,
        options);
  }

  /** {@code animation} is x264's own for flat areas and hard edges. */
  private static List<String> x264Tunes(EncoderSettings settings) {
    List<String> tunes = new ArrayList<>();
    if (settings.options().lowDelay(settings.profile())) {
      tunes.add("zerolatency");
    }
    if (settings.options().tune() == Tune.FILM_GRAIN) {
      tunes.add("grain");
    } else if (settings.options().tune() == Tune.SCREEN) {
      tunes.add("animation");
    }
    return tunes;
  }

  /** Baseline, no B-frames in either profile; presets do not exist. */
  static EncoderRecipe openH264(EncoderSettings settings) {
    long rate = settings.bitrateBps();
    boolean constant = settings.options().rate() == RateMode.CBR;
    return new EncoderRecipe(
        "libopenh264",
        "libopenh264",
        PacketForm.H264,
        FrameInput.Kind.PLANAR,
        constant ? new Rates(rate, 0, rate, rate) : new Rates(rate, 0, rate + rate / 4, 2 * rate),
        0,
        false,
        0,
        Map.of("rc_mode", "bitrate", "allow_skip_frames", "0"));
  }

  /** SVT-AV1 goes a quarter over the cap that it is told before it holds a busy scene down. */
  static long svtAv1Cap(EncoderSettings settings) {
    return settings.bitrateBps() * 3 / 4;
  }

  /**
   * The SVT-AV1 inside the bundle; constant rate when both rates are equal.
   *
   * @param keyIntervalFrames pictures until it inserts a key frame of its own
   * @param parameters by the names of {@code svt_av1_enc_parse_parameter}, but for rate, preset and
   *     key interval
   */
  static EncoderRecipe svtAv1(
      EncoderSettings settings,
      SvtAv1Version version,
      int keyIntervalFrames,
      boolean followsKeyInterval,
      Map<String, String> parameters) {
    String joined =
        parameters.entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
            .collect(Collectors.joining(":"));
    Map<String, String> options = new LinkedHashMap<>();
    options.put("preset", settings.preset());
    quality(settings, options);
    options.put("svtav1-params", joined);
    boolean variable = mode(settings) == RateMode.VBR;
    boolean capped = mode(settings) == RateMode.CAPPED_CRF;
    long rate = capped ? svtAv1Cap(settings) : settings.bitrateBps();
    return new EncoderRecipe(
        "libsvtav1",
        "SVT-AV1 " + version + " (bundled)",
        PacketForm.AV1,
        FrameInput.Kind.PLANAR,
        new Rates(capped ? 0 : rate, 0, variable ? 0 : rate, rate),
        keyIntervalFrames,
        followsKeyInterval,
        0,
        options);
  }
}
