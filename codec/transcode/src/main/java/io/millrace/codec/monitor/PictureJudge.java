package io.millrace.codec.monitor;

import io.millrace.codec.ffmpeg.FrameLuma;

/**
 * Whether two key frames show the same picture, and whether one is black. Pure functions.
 *
 * <p><b>The same</b> does not mean equal: an encoder that is given one picture again and again
 * codes it with another quantiser each time. What it leaves alone is telling: most of its blocks
 * come out bit for bit as before, while a camera's noise touches every one. So two pictures are the
 * same when at least 45 % of the samples are equal, and no block of 16×16 has changed its mean by
 * more than 4 (a talking head before a still background, or the digits of a clock, are motion).
 * Measured with x264 in constant bit rate at 720p30: a frozen picture keeps 51 to 85 % at 2.5 to 6
 * Mbit/s and 100 % at constant quality; a still scene with noise of σ ≈ 1.2 keeps 30 to 32 %. Below
 * about 1 Mbit/s at that size neither can be told from the other, and nothing is reported.
 *
 * <p><b>Black</b> is a picture in which 99.5 % of the samples are below 32 of 255 (16 in full
 * range), which leaves room for noise and for a few lines of vertical blanking data.
 */
final class PictureJudge {
  static final double SAME_SHARE = 0.45;
  static final int MAX_BLOCK_CHANGE = 4;
  static final double BRIGHT_SHARE = 0.005;
  private static final int BLACK_LIMITED = 32;
  private static final int BLACK_FULL = 16;
  private static final int BLOCK = 16;

  private PictureJudge() {}

  static boolean same(FrameLuma before, FrameLuma now) {
    if (before.width() != now.width() || before.height() != now.height()) {
      return false;
    }
    long equal = 0;
    for (int top = 0; top < now.height(); top += BLOCK) {
      int bottom = Math.min(now.height(), top + BLOCK);
      for (int left = 0; left < now.width(); left += BLOCK) {
        int right = Math.min(now.width(), left + BLOCK);
        int change = 0;
        for (int y = top; y < bottom; y++) {
          int row = y * now.width();
          for (int x = left; x < right; x++) {
            int difference = (now.rows()[row + x] & 0xFF) - (before.rows()[row + x] & 0xFF);
            change += difference;
            equal += difference == 0 ? 1 : 0;
          }
        }
        if (Math.abs(change) > MAX_BLOCK_CHANGE * (bottom - top) * (right - left)) {
          return false;
        }
      }
    }
    return equal >= SAME_SHARE * now.rows().length;
  }

  static boolean black(FrameLuma picture, boolean fullRange) {
    int threshold = fullRange ? BLACK_FULL : BLACK_LIMITED;
    long bright = 0;
    for (byte sample : picture.rows()) {
      bright += (sample & 0xFF) >= threshold ? 1 : 0;
    }
    return bright <= BRIGHT_SHARE * picture.rows().length;
  }
}
