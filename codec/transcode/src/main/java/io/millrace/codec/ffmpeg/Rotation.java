package io.millrace.codec.ffmpeg;

import io.millrace.codec.Picture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Turns pictures by quarter turns, in tiles so that both sides stay in the cache. */
final class Rotation {
  private static final int TILE_PX = 32;

  private Rotation() {}

  /**
   * Turns {@code from} clockwise into {@code to}.
   *
   * @param degrees 90, 180 or 270
   */
  static void turn(Picture from, Picture to, int degrees) {
    for (int i = 0; i < 3; i++) {
      int width = to.planeWidth(i);
      int height = to.planeHeight(i);
      // Address in the source of the target's (x, y): origin + x · perX + y · perY.
      long stride = from.stride(i);
      long lastColumn = from.planeWidth(i) - 1L;
      long lastRow = from.planeHeight(i) - 1L;
      switch (degrees) {
        case 90 -> copy(from.plane(i), lastRow * stride, -stride, 1, to, i, width, height);
        case 180 ->
            copy(from.plane(i), lastRow * stride + lastColumn, -1, -stride, to, i, width, height);
        case 270 -> copy(from.plane(i), lastColumn, stride, -1, to, i, width, height);
        default -> throw new IllegalArgumentException("not a turn: " + degrees);
      }
    }
  }

  private static void copy(
      MemorySegment source,
      long origin,
      long perX,
      long perY,
      Picture to,
      int plane,
      int width,
      int height) {
    MemorySegment target = to.plane(plane);
    int stride = to.stride(plane);
    for (int tileY = 0; tileY < height; tileY += TILE_PX) {
      int endY = Math.min(height, tileY + TILE_PX);
      for (int tileX = 0; tileX < width; tileX += TILE_PX) {
        int endX = Math.min(width, tileX + TILE_PX);
        for (int y = tileY; y < endY; y++) {
          long at = origin + tileX * perX + y * perY;
          long row = (long) y * stride;
          for (int x = tileX; x < endX; x++, at += perX) {
            target.set(ValueLayout.JAVA_BYTE, row + x, source.get(ValueLayout.JAVA_BYTE, at));
          }
        }
      }
    }
  }
}
