package io.millrace.codec.cost;

import io.millrace.media.VideoCodec;
import java.util.Map;

/**
 * How presets compare, whatever the machine: CPU time beside that of others of their codec,
 * measured with x264 and SVT-AV1 3.1 at 720p. What has been measured on the machine itself is
 * interpolated along it.
 */
final class PresetShape {
  private static final Map<String, Double> X264 =
      Map.of(
          "ultrafast", 0.14,
          "superfast", 0.25,
          "veryfast", 0.32,
          "faster", 0.50,
          "fast", 0.65,
          "medium", 0.85,
          "slow", 1.4,
          "slower", 2.6,
          "veryslow", 5.0);

  /** By number, from 0. */
  private static final double[] SVT_AV1 = {
    32, 20, 13, 8, 5, 3.2, 2.1, 1.5, 0.85, 0.6, 0.44, 0.37, 0.34, 0.33
  };

  private PresetShape() {}

  /** Larger is slower; only the quotient of two of one codec means anything. */
  static double of(VideoCodec codec, String preset) {
    return codec == VideoCodec.AV1
        ? SVT_AV1[Integer.parseInt(preset)]
        : X264.getOrDefault(preset, 0.32);
  }
}
