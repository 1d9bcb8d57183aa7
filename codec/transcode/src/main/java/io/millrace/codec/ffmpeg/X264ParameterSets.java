package io.millrace.codec.ffmpeg;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderSettings;
import java.util.Map;

/**
 * What presets of x264 write into its parameter sets (x264's {@code param_apply_preset}): an
 * encoder that becomes faster in the middle of a stream keeps it, so that the stream's {@code avcC}
 * and its init segment stay what they are.
 */
final class X264ParameterSets {
  /** Reference frames where it is not one. */
  private static final Map<String, Integer> REFERENCES =
      Map.of("faster", 2, "fast", 2, "medium", 3, "slow", 5, "slower", 8, "veryslow", 16);

  /** From this on, x264's psychovisual optimisation moves the chroma quantiser. */
  private static final Map<String, Boolean> PSYCHOVISUAL =
      Map.of(
          "ultrafast",
          false,
          "superfast",
          false,
          "veryfast",
          false,
          "faster",
          false,
          "fast",
          true,
          "medium",
          true,
          "slow",
          true,
          "slower",
          true,
          "veryslow",
          true);

  private static final int PSYCHOVISUAL_CHROMA_OFFSET = -2;

  private X264ParameterSets() {}

  /** As {@code x264-params}, each with a colon in front; empty with the preset of the stream. */
  static String kept(EncoderSettings settings) {
    String base = settings.basePreset();
    String preset = settings.preset();
    if (base.equals(preset)) {
      return "";
    }
    StringBuilder parameters = new StringBuilder();
    parameters.append(":ref=").append(REFERENCES.getOrDefault(base, 1));
    parameters.append(":weightp=").append(weightedPrediction(base));
    if (!base.equals("ultrafast")) {
      parameters.append(":cabac=1:8x8dct=1:weightb=1");
    }
    if (PSYCHOVISUAL.getOrDefault(base, false) && !PSYCHOVISUAL.getOrDefault(preset, false)) {
      parameters.append(":chroma-qp-offset=").append(PSYCHOVISUAL_CHROMA_OFFSET);
    }
    return parameters.toString();
  }

  /** The picture parameter set has the quality in it, unless streams are to be joined. */
  static String ofAnyQuality(EncoderSettings settings) {
    return settings.options().vmaf() == EncoderOptions.UNSET ? "" : ":stitchable=1";
  }

  private static int weightedPrediction(String preset) {
    return switch (preset) {
      case "ultrafast" -> 0;
      case "superfast", "veryfast", "faster", "fast" -> 1;
      default -> 2;
    };
  }
}
