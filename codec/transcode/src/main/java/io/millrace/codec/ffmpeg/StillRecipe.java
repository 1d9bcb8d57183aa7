package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;

import io.millrace.codec.CodecException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a libavcodec encoder is set up for a still: constant quality, one thread, one key frame, one
 * reference, nothing reordered, no look-ahead.
 *
 * @param encoder libavcodec's name
 * @param bitrateBps 0 for constant quality
 * @param options private options by name; each must be known to the encoder
 */
record StillRecipe(String encoder, long bitrateBps, Map<String, String> options) {

  /**
   * The recipe for {@code settings}.
   *
   * @throws CodecException when the bundle has no encoder for them
   */
  static StillRecipe of(StillSettings settings) {
    return switch (settings.codec()) {
      case H264 -> has("libx264") ? x264(settings) : openH264(settings);
      case HEVC -> x265(settings);
      case AV1 -> svtAv1();
      case VP9 -> vp9(settings);
    };
  }

  private static boolean has(String encoder) {
    return avcodec_find_encoder_by_name(encoder) != null;
  }

  private static StillRecipe x264(StillSettings settings) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("preset", "veryfast");
    options.put("crf", "21");
    options.put("profile", settings.profile());
    if (settings.level() > 0) {
      options.put("level", Integer.toString(settings.level()));
    }
    options.put(
        "x264-params",
        "keyint=infinite:scenecut=0:bframes=0:ref=1:weightp=0:rc-lookahead=0:sync-lookahead=0"
            + ":mbtree=0:sliced-threads=0");
    return new StillRecipe("libx264", 0, options);
  }

  /** The LGPL bundle's: Baseline, which every H.264 decoder takes, and 8 bits only. */
  private static StillRecipe openH264(StillSettings settings) {
    if (settings.bitDepth() != 8) {
      throw new CodecException("the LGPL build has no H.264 encoder for 10 bits");
    }
    long pixelsPerSecond =
        Math.round(settings.width() * (double) settings.height() * settings.frameRate().toDouble());
    long bitrateBps = Math.clamp(pixelsPerSecond / 10, 200_000, 20_000_000);
    return new StillRecipe(
        "libopenh264", bitrateBps, Map.of("rc_mode", "bitrate", "allow_skip_frames", "0"));
  }

  private static StillRecipe x265(StillSettings settings) {
    if (!has("libx265")) {
      throw new CodecException("the LGPL build has no HEVC encoder");
    }
    String level = settings.level() > 0 ? ":level-idc=" + settings.level() : "";
    return new StillRecipe(
        "libx265",
        0,
        Map.of(
            "preset",
            "ultrafast",
            "crf",
            "20",
            "x265-params",
            "log-level=none:pools=none:frame-threads=1:wpp=0:keyint=-1:scenecut=0:bframes=0:ref=1"
                + ":rc-lookahead=0:weightp=0:info=0:repeat-headers=0:open-gop=0"
                + level));
  }

  private static StillRecipe svtAv1() {
    if (!has("libsvtav1")) {
      throw new CodecException("no AV1 encoder");
    }
    return new StillRecipe(
        "libsvtav1",
        0,
        Map.of(
            "preset", "10", "crf", "30", "svtav1-params", "pred-struct=1:lookahead=0:scd=0:lp=1"));
  }

  private static StillRecipe vp9(StillSettings settings) {
    if (!has("libvpx-vp9")) {
      throw new CodecException("no VP9 encoder");
    }
    if (settings.bitDepth() != 8) {
      throw new CodecException("no VP9 encoder for 10 bits");
    }
    Map<String, String> options = new LinkedHashMap<>();
    options.put("deadline", "realtime");
    options.put("cpu-used", "7");
    options.put("lag-in-frames", "0");
    options.put("auto-alt-ref", "0");
    options.put("crf", "24");
    return new StillRecipe("libvpx-vp9", 0, options);
  }
}
