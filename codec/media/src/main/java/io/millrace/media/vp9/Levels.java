package io.millrace.media.vp9;

import io.millrace.media.Rational;
import org.jspecify.annotations.Nullable;

/** The levels of VP9 by what a decoder must manage (webmproject.org, "VP9 Levels"). */
final class Levels {
  private static final int ASSUMED_FRAMES_PER_SECOND = 60;

  /** Ten times the level, luma samples a second, luma samples a picture. */
  private static final long[][] TABLE = {
    {10, 829_440, 36_864},
    {11, 2_764_800, 73_728},
    {20, 4_608_000, 122_880},
    {21, 9_216_000, 245_760},
    {30, 20_736_000, 552_960},
    {31, 36_864_000, 983_040},
    {40, 83_558_400, 2_228_224},
    {41, 160_432_128, 2_228_224},
    {50, 311_951_360, 8_912_896},
    {51, 588_251_136, 8_912_896},
    {52, 1_176_502_272, 8_912_896},
    {60, 1_176_502_272, 35_651_584},
    {61, 2_353_004_544L, 35_651_584},
    {62, 4_706_009_088L, 35_651_584}
  };

  private Levels() {}

  /** The lowest level for a size in pixels and a rate; the highest where none is enough. */
  static int of(int width, int height, @Nullable Rational frameRate) {
    long samples = (long) width * height;
    int top = frameRate == null ? ASSUMED_FRAMES_PER_SECOND : frameRate.numerator();
    int bottom = frameRate == null ? 1 : frameRate.denominator();
    for (long[] level : TABLE) {
      if (samples <= level[2] && samples * top <= level[1] * bottom) {
        return (int) level[0];
      }
    }
    return (int) TABLE[TABLE.length - 1][0];
  }
}
