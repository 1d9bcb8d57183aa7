package io.millrace.codec;

import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.media.Colour;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Pictures with something moving in them, for encoders. */
public final class TestPictures {
  public static final Colour BT709 = new Colour(1, 1, 1, false);

  private TestPictures() {}

  /** A gradient that slides two pixels a frame, with a moving bright block. */
  public static Picture moving(PicturePool pool, int frame) {
    Picture picture = pool.take(BT709);
    for (int plane = 0; plane < 3; plane++) {
      MemorySegment bytes = picture.plane(plane);
      int stride = picture.stride(plane);
      int step = plane == 0 ? 1 : 2;
      for (int y = 0; y < picture.planeHeight(plane); y++) {
        for (int x = 0; x < picture.planeWidth(plane); x++) {
          int wave = (x * step + y * step / 2 + 2 * frame) % 256;
          int ramp = wave < 128 ? wave : 255 - wave;
          int value = plane == 0 ? 40 + ramp : 64 + ramp;
          bytes.set(ValueLayout.JAVA_BYTE, (long) y * stride + x, (byte) value);
        }
      }
    }
    int side = picture.width() / 8;
    int left = 3 * frame % (picture.width() - side);
    for (int y = picture.height() / 3; y < picture.height() / 3 + side; y++) {
      picture.plane(0).asSlice((long) y * picture.stride(0) + left, side).fill((byte) 220);
    }
    return picture;
  }
}
