package io.millrace.codec.testsource;

import io.millrace.codec.Picture;
import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.media.Colour;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * Draws the test picture: colour bars (75 %, BT.709), a grey ramp, a block that glides over it, and
 * a clock in UTC with the frame number. The still part is drawn once; a frame is a copy and a few
 * rectangles.
 */
final class TestPicture implements AutoCloseable {
  /** BT.709, limited range. */
  static final Colour COLOUR = new Colour(1, 1, 1, false);

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /** White, yellow, cyan, green, magenta, red, blue: Y, Cb, Cr at 75 %. */
  private static final int[][] BARS = {
    {180, 128, 128},
    {168, 44, 136},
    {145, 147, 44},
    {133, 63, 52},
    {63, 193, 204},
    {51, 109, 212},
    {28, 212, 120},
  };

  private static final int BLACK = 16;
  private static final int WHITE = 235;
  private static final int GREY_CHROMA = 128;
  private static final long GLIDE_MS = 4_000;

  private final PicturePool pool;
  private final Picture still;
  private final int width;
  private final int height;
  private final int dotPx;

  TestPicture(int width, int height, PicturePool pool) {
    this.width = width;
    this.height = height;
    this.pool = pool;
    this.still = pool.take(COLOUR);
    int longest = "00:00:00.000Z".length() * (Font.WIDTH + 1);
    this.dotPx = Math.max(1, Math.min(width * 9 / 10 / longest, height / 3 / (4 * Font.HEIGHT)));
    drawStill();
  }

  private void drawStill() {
    int barsEnd = height * 2 / 3 & ~1;
    for (int i = 0; i < BARS.length; i++) {
      int from = width * i / BARS.length & ~1;
      int to = i == BARS.length - 1 ? width : width * (i + 1) / BARS.length & ~1;
      fill(still, from, 0, to - from, barsEnd, BARS[i][0], BARS[i][1], BARS[i][2]);
    }
    for (int x = 0; x < width; x += 2) {
      int luma = BLACK + (WHITE - BLACK) * x / width;
      fill(still, x, barsEnd, 2, height - barsEnd, luma, GREY_CHROMA, GREY_CHROMA);
    }
  }

  /**
   * Draws one frame.
   *
   * @param clock what the clock shows
   * @return a picture with one reference, which the caller owns
   */
  Picture draw(Instant clock, long frameNumber) {
    Picture picture = pool.take(COLOUR);
    for (int plane = 0; plane < 3; plane++) {
      MemorySegment.copy(
          still.plane(plane), 0, picture.plane(plane), 0, still.plane(plane).byteSize());
    }
    glide(picture, clock);
    List<String> lines = List.of(DATE.format(clock), TIME.format(clock), "#" + frameNumber);
    int lineHeight = (Font.HEIGHT + 2) * dotPx;
    int top = (height * 2 / 3 - lines.size() * lineHeight) / 2;
    for (int i = 0; i < lines.size(); i++) {
      write(picture, lines.get(i), top + i * lineHeight);
    }
    return picture;
  }

  /** A block that goes over the ramp and back in four seconds. */
  private void glide(Picture picture, Instant clock) {
    int sidePx = Math.max(2, Math.min(width, height) / 6 & ~1);
    long phaseMs = Math.floorMod(clock.toEpochMilli(), GLIDE_MS);
    long halfMs = GLIDE_MS / 2;
    long wayMs = phaseMs < halfMs ? phaseMs : GLIDE_MS - phaseMs;
    int x = (int) ((width - sidePx) * wayMs / halfMs) & ~1;
    int y = height * 5 / 6 - sidePx / 2 & ~1;
    fill(picture, x, y, sidePx, Math.min(sidePx, height - y), WHITE, 90, 160);
  }

  private void write(Picture picture, String line, int top) {
    int lineWidth = line.length() * (Font.WIDTH + 1) * dotPx;
    int left = (width - lineWidth) / 2;
    fill(
        picture,
        Math.max(0, left - 2 * dotPx) & ~1,
        Math.max(0, top - dotPx) & ~1,
        Math.min(width, lineWidth + 3 * dotPx + 1) & ~1,
        (Font.HEIGHT + 2) * dotPx & ~1,
        BLACK,
        GREY_CHROMA,
        GREY_CHROMA);
    MemorySegment luma = picture.plane(0);
    int stride = picture.stride(0);
    for (int i = 0; i < line.length(); i++) {
      for (int row = 0; row < Font.HEIGHT; row++) {
        for (int column = 0; column < Font.WIDTH; column++) {
          if (Font.dot(line.charAt(i), column, row)) {
            int x = left + (i * (Font.WIDTH + 1) + column) * dotPx;
            rectangle(luma, stride, x, top + row * dotPx, dotPx, dotPx, WHITE);
          }
        }
      }
    }
  }

  /** Even coordinates, so that luma and chroma cover the same. */
  private static void fill(
      Picture picture, int x, int y, int w, int h, int luma, int blue, int red) {
    rectangle(picture.plane(0), picture.stride(0), x, y, w, h, luma);
    rectangle(picture.plane(1), picture.stride(1), x / 2, y / 2, w / 2, h / 2, blue);
    rectangle(picture.plane(2), picture.stride(2), x / 2, y / 2, w / 2, h / 2, red);
  }

  private static void rectangle(
      MemorySegment plane, int stride, int x, int y, int w, int h, int value) {
    for (int row = y; row < y + h; row++) {
      plane.asSlice((long) row * stride + x, w).fill((byte) value);
    }
  }

  @Override
  public void close() {
    still.release();
  }
}
