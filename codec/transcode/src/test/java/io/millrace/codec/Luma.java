package io.millrace.codec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A picture's luma on the heap, for comparing. */
public record Luma(int width, int height, byte[] rows) {
  /** Copies; {@code picture} is borrowed. */
  public static Luma of(Picture picture) {
    byte[] rows = new byte[picture.width() * picture.height()];
    for (int y = 0; y < picture.height(); y++) {
      MemorySegment.copy(
          picture.plane(0),
          ValueLayout.JAVA_BYTE,
          (long) y * picture.stride(0),
          rows,
          y * picture.width(),
          picture.width());
    }
    return new Luma(picture.width(), picture.height(), rows);
  }

  public int at(int x, int y) {
    return rows[y * width + x] & 0xFF;
  }

  /** Peak signal-to-noise ratio in dB. */
  public double psnr(Luma other) {
    if (other.width != width || other.height != height) {
      throw new AssertionError(
          width + "x" + height + " against " + other.width + "x" + other.height);
    }
    long squares = 0;
    for (int i = 0; i < rows.length; i++) {
      int difference = (rows[i] & 0xFF) - (other.rows[i] & 0xFF);
      squares += (long) difference * difference;
    }
    return squares == 0 ? 99 : 10 * Math.log10(255.0 * 255.0 * rows.length / squares);
  }
}
