package io.millrace.codec.ladder;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;

/** A source's size as a viewer sees it: upright, square pixels; not yet rounded to even. */
record DisplaySize(int width, int height) {

  static DisplaySize of(TrackFormat.Video source) {
    Rational aspect = source.sampleAspectRatio();
    int squareWidth =
        Math.toIntExact(Timescale.scale(source.width(), aspect.numerator(), aspect.denominator()));
    squareWidth = Math.max(1, squareWidth);
    boolean turned = source.rotation() % 180 != 0;
    return turned
        ? new DisplaySize(source.height(), squareWidth)
        : new DisplaySize(squareWidth, source.height());
  }

  int shortSide() {
    return Math.min(width, height);
  }

  /** Even width when the short side is scaled to {@code shortSidePx}. */
  int widthAt(int shortSidePx) {
    return even(width <= height ? shortSidePx : scaled(width, shortSidePx));
  }

  /** Even height when the short side is scaled to {@code shortSidePx}. */
  int heightAt(int shortSidePx) {
    return even(height <= width ? shortSidePx : scaled(height, shortSidePx));
  }

  private long scaled(int longSide, int shortSidePx) {
    return shortSidePx == shortSide() ? longSide : evenNearest(longSide, shortSidePx);
  }

  private long evenNearest(int longSide, int shortSidePx) {
    return 2 * Timescale.scale(longSide, shortSidePx, 2L * shortSide());
  }

  /** An odd size loses its last row or column rather than gain one. */
  private static int even(long sizePx) {
    return Math.toIntExact(Math.max(2, sizePx & ~1L));
  }
}
