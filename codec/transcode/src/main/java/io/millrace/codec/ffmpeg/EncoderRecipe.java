package io.millrace.codec.ffmpeg;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.PacketForm;
import io.millrace.codec.Profile;
import io.millrace.natives.svtav1.SvtAv1Version;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How a libavcodec encoder is set up: always one thread, no scene-cut detection, no periodic key
 * frames, closed GOPs.
 *
 * @param encoder libavcodec's name
 * @param engine what is shown to people
 * @param maxRateBps peak over {@code bufferBits}
 * @param gopFrames pictures until the encoder would insert a key frame of its own
 * @param followsKeyInterval {@link io.millrace.codec.VideoEncoder#followsKeyInterval}
 * @param options private options by name; each must be known to the encoder
 */
record EncoderRecipe(
    String encoder,
    String engine,
    PacketForm form,
    long maxRateBps,
    long bufferBits,
    int gopFrames,
    boolean followsKeyInterval,
    int maxBFrames,
    Map<String, String> options) {

  /** X264_KEYINT_MAX_INFINITE. */
  private static final int X264_INFINITE = 1 << 30;

  static EncoderRecipe x264(EncoderSettings settings) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("preset", settings.preset());
    options.put("forced-idr", "1");
    options.put("sc_threshold", "0");
    options.put("a53cc", "0"); // captions are put in behind the encoder, in every codec alike
    boolean fast = settings.profile() == Profile.FAST;
    if (fast) {
      options.put("tune", "zerolatency");
    }
    options.put("x264-params", "sliced-threads=0:sync-lookahead=0:keyint=infinite");
    long rate = settings.bitrateBps();
    return new EncoderRecipe(
        "libx264",
        "libx264",
        PacketForm.H264,
        fast ? rate : rate + rate / 4,
        fast ? rate : 2 * rate,
        X264_INFINITE,
        false,
        fast ? 0 : 3,
        options);
  }

  /** x264 with a chosen number of B-frames, for media that is made rather than transcoded. */
  static EncoderRecipe x264(EncoderSettings settings, int maxBFrames) {
    EncoderRecipe plain = x264(settings);
    return new EncoderRecipe(
        plain.encoder,
        plain.engine,
        plain.form,
        plain.maxRateBps,
        plain.bufferBits,
        plain.gopFrames,
        plain.followsKeyInterval,
        maxBFrames,
        plain.options);
  }

  /** Baseline, no B-frames in either profile; presets do not exist. */
  static EncoderRecipe openH264(EncoderSettings settings) {
    long rate = settings.bitrateBps();
    return new EncoderRecipe(
        "libopenh264",
        "libopenh264",
        PacketForm.H264,
        rate + rate / 4,
        2 * rate,
        0,
        false,
        0,
        Map.of("rc_mode", "bitrate", "allow_skip_frames", "0"));
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
    long rate = settings.bitrateBps();
    String joined =
        parameters.entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + parameter.getValue())
            .collect(Collectors.joining(":"));
    return new EncoderRecipe(
        "libsvtav1",
        "SVT-AV1 " + version + " (bundled)",
        PacketForm.AV1,
        settings.profile() == Profile.FAST ? rate : 0,
        rate,
        keyIntervalFrames,
        followsKeyInterval,
        0,
        Map.of("preset", settings.preset(), "svtav1-params", joined));
  }
}
