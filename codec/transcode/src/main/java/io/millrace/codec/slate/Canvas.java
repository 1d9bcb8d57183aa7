package io.millrace.codec.slate;

import java.util.Arrays;

/**
 * Pixels in sRGB, {@code 0xRRGGBB}, row by row from the top left. Filled by its maker, read-only
 * afterwards.
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record Canvas(int width, int height, int[] rgb) {

  static Canvas filled(int width, int height, int colour) {
    Canvas canvas = new Canvas(width, height, new int[width * height]);
    Arrays.fill(canvas.rgb, colour);
    return canvas;
  }

  int at(int x, int y) {
    return rgb[y * width + x];
  }

  /** Lays {@code argb} of the given size over the canvas; all of it must lie inside. */
  void blend(int left, int top, int w, int h, int[] argb) {
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int pixel = argb[y * w + x];
        int index = (top + y) * width + left + x;
        rgb[index] = mix(rgb[index], pixel, pixel >>> 24);
      }
    }
  }

  /** {@code alpha} of 255 parts {@code over}, the rest {@code under}. */
  static int mix(int under, int over, int alpha) {
    int mixed = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int below = under >> shift & 0xFF;
      int above = over >> shift & 0xFF;
      mixed |= (below * (255 - alpha) + above * alpha + 127) / 255 << shift;
    }
    return mixed;
  }

  /** This upright picture as it is coded in a track that is turned clockwise for display. */
  Canvas turnedBack(int degrees) {
    return switch (degrees) {
      case 90 -> remapped(height, width, (x, y) -> at(width - 1 - y, x));
      case 180 -> remapped(width, height, (x, y) -> at(width - 1 - x, height - 1 - y));
      case 270 -> remapped(height, width, (x, y) -> at(y, height - 1 - x));
      default -> this;
    };
  }

  @FunctionalInterface
  private interface Pixels {
    int at(int x, int y);
  }

  private static Canvas remapped(int width, int height, Pixels source) {
    int[] rgb = new int[width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        rgb[y * width + x] = source.at(x, y);
      }
    }
    return new Canvas(width, height, rgb);
  }
}
