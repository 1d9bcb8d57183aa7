package io.millrace.codec;

import io.millrace.media.Colour;

/** What players assume where a source does not say, so that a picture made from it can say it. */
public final class ColourDefaults {
  private static final int IDENTITY = 0;
  private static final int BT709 = 1;
  private static final int UNSPECIFIED = 2;
  private static final int BT601 = 6;
  private static final int BT2020 = 9;
  private static final int STANDARD_DEFINITION_LINES = 576;

  private ColourDefaults() {}

  /**
   * The matrix (ITU-T H.273 §8.3) of a picture: its own, else that of its primaries, else BT.601 up
   * to 576 lines and BT.709 above.
   */
  public static int matrix(Colour colour, int heightPx) {
    if (colour.matrix() != UNSPECIFIED) {
      return colour.matrix();
    }
    if (colour.primaries() == BT709 || colour.primaries() == BT2020) {
      return colour.primaries();
    }
    return heightPx <= STANDARD_DEFINITION_LINES ? BT601 : BT709;
  }

  /**
   * The colour of what {@link io.millrace.codec.ffmpeg.PictureScaler} makes: limited range; RGB
   * becomes BT.601. The matrix is always said: a scaled picture of fewer lines would be taken for
   * another than its source.
   *
   * @param heightPx of the source
   */
  public static Colour scaled(Colour source, int heightPx) {
    int matrix = source.matrix() == IDENTITY ? BT601 : matrix(source, heightPx);
    return new Colour(source.primaries(), source.transfer(), matrix, false);
  }
}
