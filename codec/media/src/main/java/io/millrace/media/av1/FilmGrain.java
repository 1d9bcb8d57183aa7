package io.millrace.media.av1;

import io.millrace.media.bits.BitReader;

/** film_grain_params() (AV1 specification §5.9.30), read only to know where it ends. */
final class FilmGrain {
  private static final int INTER_FRAME = 1;

  private FilmGrain() {}

  static void skip(BitReader in, FrameSequence sequence, int frameType) {
    if (!in.flag()) { // apply_grain
      return;
    }
    in.skip(16); // grain_seed
    if (frameType == INTER_FRAME && !in.flag()) { // update_grain
      in.skip(3);
      return;
    }
    int luma = points(in, 14);
    boolean fromLuma = !sequence.monochrome() && in.flag();
    boolean chroma =
        !sequence.monochrome()
            && !fromLuma
            && !(sequence.subsampledX() && sequence.subsampledY() && luma == 0);
    int blue = chroma ? points(in, 10) : 0;
    int red = chroma ? points(in, 10) : 0;
    in.skip(2); // grain_scaling_minus_8
    int lag = in.bits(2);
    int lumaCoefficients = 2 * lag * (lag + 1);
    int chromaCoefficients = lumaCoefficients + (luma > 0 ? 1 : 0);
    in.skip(luma > 0 ? 8L * lumaCoefficients : 0);
    in.skip(fromLuma || blue > 0 ? 8L * chromaCoefficients : 0);
    in.skip(fromLuma || red > 0 ? 8L * chromaCoefficients : 0);
    in.skip(2 + 2); // ar_coeff_shift_minus_6, grain_scale_shift
    in.skip(blue > 0 ? 8 + 8 + 9 : 0);
    in.skip(red > 0 ? 8 + 8 + 9 : 0);
    in.skip(2); // overlap_flag, clip_to_restricted_range
  }

  private static int points(BitReader in, int maximum) {
    int count = in.bits(4);
    if (count > maximum) {
      throw in.malformed(count + " film grain points");
    }
    in.skip(16L * count);
    return count;
  }
}
