package io.millrace.codec;

import java.util.List;

/** The order of the presets of encoders that may become faster in the middle of a stream. */
public final class Presets {
  /** The slowest first. */
  private static final List<String> X264 =
      List.of(
          "veryslow",
          "slower",
          "slow",
          "medium",
          "fast",
          "faster",
          "veryfast",
          "superfast",
          "ultrafast");

  private static final int FASTEST_SVT_AV1 = 13;

  private Presets() {}

  /**
   * The preset so many steps faster than {@code preset}, or the fastest there is; the same where an
   * engine has none, or none that leaves a stream's parameter sets as they are.
   */
  public static String faster(Engine engine, String preset, int steps) {
    return switch (engine) {
      case SVT_AV1 -> Integer.toString(Math.min(FASTEST_SVT_AV1, Integer.parseInt(preset) + steps));
      case X264 -> X264.get(Math.min(X264.size() - 1, X264.indexOf(preset) + steps));
      default -> preset;
    };
  }
}
