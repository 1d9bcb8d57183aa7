package io.millrace.media.av1;

import io.millrace.media.bits.BitReader;

/** global_motion_params() (AV1 specification §5.9.24, §5.9.25, §7.11.3.3). */
final class GlobalMotion {
  private static final int ALTREF = 7;
  private static final int PARAMETERS = 6;
  private static final int WARP_BITS = 16;
  private static final int ALPHA_ABSOLUTE_BITS = 12;
  private static final int ALPHA_PRECISION_BITS = 15;
  private static final int TRANSLATION_ABSOLUTE_BITS = 12;
  private static final int TRANSLATION_PRECISION_BITS = 6;
  private static final int ONLY_TRANSLATION_ABSOLUTE_BITS = 9;
  private static final int ONLY_TRANSLATION_PRECISION_BITS = 3;

  private GlobalMotion() {}

  /** No motion, for each reference. */
  static int[][] identity() {
    int[][] motion = new int[ALTREF + 1][PARAMETERS];
    for (int[] parameters : motion) {
      parameters[2] = 1 << WARP_BITS;
      parameters[5] = 1 << WARP_BITS;
    }
    return motion;
  }

  /**
   * @param before what parameters are coded against
   */
  static int[][] read(BitReader in, int[][] before, boolean highPrecision) {
    int[][] motion = identity();
    for (int reference = 1; reference <= ALTREF; reference++) {
      if (!in.flag()) { // is_global
        continue;
      }
      int[] now = motion[reference];
      int[] last = before[reference];
      boolean rotates = in.flag();
      boolean translates = !rotates && in.flag();
      if (!translates) {
        now[2] = parameter(in, 2, last[2], false, highPrecision);
        now[3] = parameter(in, 3, last[3], false, highPrecision);
        if (rotates) {
          now[4] = -now[3];
          now[5] = now[2];
        } else {
          now[4] = parameter(in, 4, last[4], false, highPrecision);
          now[5] = parameter(in, 5, last[5], false, highPrecision);
        }
      }
      now[0] = parameter(in, 0, last[0], translates, highPrecision);
      now[1] = parameter(in, 1, last[1], translates, highPrecision);
    }
    return motion;
  }

  /** read_global_param(). */
  private static int parameter(
      BitReader in, int index, int last, boolean onlyTranslation, boolean highPrecision) {
    int absolute = ALPHA_ABSOLUTE_BITS;
    int precision = ALPHA_PRECISION_BITS;
    if (index < 2) {
      int coarser = highPrecision ? 0 : 1;
      absolute =
          onlyTranslation ? ONLY_TRANSLATION_ABSOLUTE_BITS - coarser : TRANSLATION_ABSOLUTE_BITS;
      precision =
          onlyTranslation ? ONLY_TRANSLATION_PRECISION_BITS - coarser : TRANSLATION_PRECISION_BITS;
    }
    int shift = WARP_BITS - precision;
    boolean diagonal = index % 3 == 2;
    int round = diagonal ? 1 << WARP_BITS : 0;
    int middle = diagonal ? 1 << precision : 0;
    int limit = 1 << absolute;
    int predicted = (last >> shift) - middle;
    return (signedAround(in, -limit, limit + 1, predicted) << shift) + round;
  }

  /** decode_signed_subexp_with_ref(). */
  private static int signedAround(BitReader in, int low, int high, int around) {
    return unsignedAround(in, high - low, around - low) + low;
  }

  private static int unsignedAround(BitReader in, int count, int around) {
    int value = subexp(in, count);
    return 2 * around <= count
        ? recentred(around, value)
        : count - 1 - recentred(count - 1 - around, value);
  }

  /** decode_subexp(). */
  private static int subexp(BitReader in, int symbols) {
    int base = 0;
    for (int i = 0; ; i++) {
      int bits = i == 0 ? 3 : 3 + i - 1;
      int step = 1 << bits;
      if (symbols <= base + 3 * step) {
        return nonSymmetric(in, symbols - base) + base;
      }
      if (!in.flag()) { // subexp_more_bits
        return in.bits(bits) + base;
      }
      base += step;
    }
  }

  private static int recentred(int around, int value) {
    if (value > 2 * around) {
      return value;
    }
    return (value & 1) != 0 ? around - ((value + 1) >> 1) : around + (value >> 1);
  }

  /** ns(n), §4.10.7. */
  static int nonSymmetric(BitReader in, int count) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(count);
    int shorter = (1 << bits) - count;
    int value = in.bits(bits - 1);
    return value < shorter ? value : (value << 1) - shorter + in.bits(1);
  }
}
