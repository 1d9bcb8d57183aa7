package io.millrace.codec.cost;

import io.millrace.codec.Picture;
import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.media.Colour;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * Pictures that cost an encoder about what a camera's do, which was compared with real clips: a
 * texture with detail in places that pans slowly, things that move over it, and the noise of a
 * sensor. The same every time.
 *
 * <p>Flat test pictures would take a fraction of the time.
 */
final class CameraPictures {
  private static final Colour COLOUR = new Colour(1, 1, 1, false);
  private static final long SEED = 20_261_129;

  /** Room around the picture that panning uses. */
  private static final int MARGIN_PX = 128;

  /** Of the texture: finer detail is only where these are bright, as in pictures with a sky. */
  private static final int COARSEST_DETAIL_PX = 64;

  private static final float SHARP_FROM = 120;
  private static final int THINGS = 2;
  private static final int NOISE_TILE = 1 << 16;
  private static final double NOISE = 0.4;

  private final int width;
  private final int height;
  private final int textureWidth;
  private final byte[] texture;
  private final byte[] noise = new byte[NOISE_TILE];
  private final SplittableRandom random = new SplittableRandom(SEED);

  CameraPictures(int width, int height) {
    this.width = width;
    this.height = height;
    this.textureWidth = width + 2 * MARGIN_PX;
    this.texture = texture(textureWidth, height + 2 * MARGIN_PX);
    for (int i = 0; i < NOISE_TILE; i++) {
      noise[i] = (byte) Math.round(random.nextGaussian() * NOISE);
    }
  }

  /** Value noise: grids of random values, each half as coarse and nearly half as strong. */
  private byte[] texture(int w, int h) {
    float[] sum = new float[w * h];
    float strength = 40;
    float[] mask = new float[w * h];
    for (int cell = 256; cell >= 4; cell /= 2) {
      int columns = w / cell + 2;
      float[] grid = new float[columns * (h / cell + 2)];
      for (int i = 0; i < grid.length; i++) {
        grid[i] = (float) (random.nextDouble() * 2 - 1) * strength;
      }
      for (int y = 0; y < h; y++) {
        int row = y / cell * columns;
        float down = (float) (y % cell) / cell;
        for (int x = 0; x < w; x++) {
          int at = row + x / cell;
          float right = (float) (x % cell) / cell;
          float upper = grid[at] + right * (grid[at + 1] - grid[at]);
          float lower = grid[at + columns] + right * (grid[at + columns + 1] - grid[at + columns]);
          float value = upper + down * (lower - upper);
          int i = y * w + x;
          if (cell >= COARSEST_DETAIL_PX) {
            sum[i] += value;
            mask[i] += value;
          } else {
            sum[i] += value * Math.clamp(mask[i] / SHARP_FROM, 0, 1);
          }
        }
      }
      strength *= 0.6f;
    }
    byte[] bytes = new byte[w * h];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.clamp(Math.round(118 + sum[i]), 16, 235);
    }
    return bytes;
  }

  /** Draws picture number {@code frame}; the caller owns it. */
  Picture draw(PicturePool pool, int frame) {
    Picture picture = pool.take(COLOUR);
    byte[] luma = new byte[width * height];
    int panX = MARGIN_PX + (int) Math.round(MARGIN_PX * 0.9 * Math.sin(frame * 0.002));
    int panY = MARGIN_PX + (int) Math.round(MARGIN_PX * 0.5 * Math.sin(frame * 0.002));
    for (int y = 0; y < height; y++) {
      System.arraycopy(texture, (y + panY) * textureWidth + panX, luma, y * width, width);
    }
    drawThings(luma, frame);
    addNoise(luma);
    copy(luma, picture);
    drawChroma(picture, panX, panY);
    return picture;
  }

  /** Pieces of the texture, brighter or darker, on their own ways. */
  private void drawThings(byte[] luma, int frame) {
    for (int thing = 0; thing < THINGS; thing++) {
      int side = height / (4 + thing);
      double phase = frame * (0.02 + 0.012 * thing) + thing * 1.7;
      int left = (int) ((width - side) * (0.5 + 0.5 * Math.sin(phase)));
      int top = (int) ((height - side) * (0.5 + 0.5 * Math.cos(phase * 0.8)));
      int shift = thing % 2 == 0 ? 36 : -30;
      for (int y = 0; y < side; y++) {
        int from = (y + thing * MARGIN_PX / 2) * textureWidth + thing * width / (THINGS + 1);
        int to = (top + y) * width + left;
        for (int x = 0; x < side; x++) {
          luma[to + x] = (byte) Math.clamp((texture[from + x] & 0xFF) + shift, 16, 235);
        }
      }
    }
  }

  private void addNoise(byte[] luma) {
    for (int y = 0; y < height; y++) {
      int at = random.nextInt(NOISE_TILE);
      for (int i = y * width; i < (y + 1) * width; i++) {
        luma[i] = (byte) Math.clamp((luma[i] & 0xFF) + noise[at++ & NOISE_TILE - 1], 16, 235);
      }
    }
  }

  private static void copy(byte[] luma, Picture picture) {
    MemorySegment plane = picture.plane(0);
    for (int y = 0; y < picture.height(); y++) {
      MemorySegment.copy(
          luma,
          y * picture.width(),
          plane,
          ValueLayout.JAVA_BYTE,
          (long) y * picture.stride(0),
          picture.width());
    }
  }

  /** Softer than the luma, and moving with it. */
  private void drawChroma(Picture picture, int panX, int panY) {
    for (int number = 1; number <= 2; number++) {
      MemorySegment plane = picture.plane(number);
      byte[] row = new byte[picture.planeWidth(number)];
      for (int y = 0; y < picture.planeHeight(number); y++) {
        int from = (y * 2 + panY) * textureWidth + panX;
        for (int x = 0; x < row.length; x++) {
          int value = (texture[from + x * 2] & 0xFF) - 118;
          row[x] = (byte) (128 + (number == 1 ? value : -value) / 4);
        }
        MemorySegment.copy(
            row, 0, plane, ValueLayout.JAVA_BYTE, (long) y * picture.stride(number), row.length);
      }
    }
  }
}
