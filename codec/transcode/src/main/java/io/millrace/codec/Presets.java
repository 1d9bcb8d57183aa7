package io.millrace.codec;

import io.millrace.media.VideoCodec;
import java.util.Set;

/** The presets that encoders know. A wrong one would make x264 write to the console. */
public final class Presets {
  private static final Set<String> X264 =
      Set.of(
          "ultrafast",
          "superfast",
          "veryfast",
          "faster",
          "fast",
          "medium",
          "slow",
          "slower",
          "veryslow");
  private static final int FASTEST_SVT_AV1 = 13;

  private Presets() {}

  /** True when {@code preset} names a speed of {@code codec}'s encoder. */
  public static boolean isKnown(VideoCodec codec, String preset) {
    return codec == VideoCodec.AV1
        ? preset.matches("[0-9]{1,2}") && Integer.parseInt(preset) <= FASTEST_SVT_AV1
        : X264.contains(preset);
  }
}
