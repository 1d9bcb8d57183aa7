package io.millrace.server.ingest;

import io.millrace.media.Rational;
import org.jspecify.annotations.Nullable;

/** Frame rates as encoders write them into metadata: decimal numbers that mean fractions. */
final class FrameRates {
  private static final double MAX_FPS = 1_000;

  private FrameRates() {}

  /**
   * Returns the fraction that {@code fps} means, 30000/1001 for 29.97, or null when it means nothing usable.
   *
   * @param fps a number from onMetaData
   */
  static @Nullable Rational parse(@Nullable Object fps) {
    if (!(fps instanceof Double value) || !(value > 0.1) || value > MAX_FPS) {
      return null;
    }
    long nominal = Math.round(value);
    if (nominal > 0 && Math.abs(value - nominal) < 0.005) {
      return new Rational((int) nominal, 1);
    }
    double ntsc = nominal * 1000.0 / 1001.0;
    if (nominal > 0 && Math.abs(value - ntsc) < 0.006) {
      return new Rational((int) nominal * 1000, 1001);
    }
    return new Rational((int) Math.round(value * 1000), 1000);
  }
}
