package io.millrace.media.hevc;

import io.millrace.media.bits.BitReader;
import java.util.Locale;

/**
 * The general part of profile_tier_level() (ITU-T H.265 §7.3.3).
 *
 * <pre>
 * 2 general_profile_space | 1 general_tier_flag | 5 general_profile_idc
 * 32 compatibility flags | 48 constraint flags | 8 general_level_idc
 * </pre>
 *
 * @param profileSpace 0–3; 0 but for the future
 * @param highTier general_tier_flag
 * @param profileIdc 1 Main, 2 Main 10, 4 range extensions
 * @param compatibilityFlags general_profile_compatibility_flag[0] in the highest bit
 * @param constraintFlags 48 bits: progressive, interlaced, non-packed, frame-only, 44 more
 * @param levelIdc 30 × the level: 123 is 4.1
 */
public record ProfileTierLevel(
    int profileSpace,
    boolean highTier,
    int profileIdc,
    int compatibilityFlags,
    long constraintFlags,
    int levelIdc) {

  private static final int SUB_LAYER_PROFILE_BITS = 88;
  private static final int SUB_LAYER_LEVEL_BITS = 8;

  /** Reads the whole structure with the profile present, and keeps the general part. */
  static ProfileTierLevel read(BitReader in, int maxSubLayersMinus1) {
    ProfileTierLevel general =
        new ProfileTierLevel(
            in.bits(2),
            in.flag(),
            in.bits(5),
            (int) in.longBits(32),
            in.longBits(24) << 24 | in.longBits(24),
            in.bits(8));
    int skipBits = 0;
    for (int i = 0; i < maxSubLayersMinus1; i++) {
      skipBits += in.flag() ? SUB_LAYER_PROFILE_BITS : 0;
      skipBits += in.flag() ? SUB_LAYER_LEVEL_BITS : 0;
    }
    in.skip(skipBits + (maxSubLayersMinus1 > 0 ? 2L * (8 - maxSubLayersMinus1) : 0));
    return general;
  }

  /** {@code hvc1.2.4.L123.B0} (ISO/IEC 14496-15 Annex E.3). */
  public String codecs() {
    StringBuilder out = new StringBuilder("hvc1.");
    if (profileSpace > 0) {
      out.append((char) ('A' + profileSpace - 1));
    }
    out.append(profileIdc).append('.');
    out.append(Integer.toHexString(Integer.reverse(compatibilityFlags)).toUpperCase(Locale.ROOT));
    out.append('.').append(highTier ? 'H' : 'L').append(levelIdc);
    long rest = constraintFlags << 16;
    while (rest != 0) {
      int octet = (int) (rest >>> 56);
      out.append('.').append(Integer.toHexString(octet).toUpperCase(Locale.ROOT));
      rest <<= 8;
    }
    return out.toString();
  }
}
