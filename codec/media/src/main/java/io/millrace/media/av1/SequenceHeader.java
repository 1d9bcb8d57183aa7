package io.millrace.media.av1;

import io.millrace.media.Colour;
import io.millrace.media.FrameRates;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.bits.BitReader;
import org.jspecify.annotations.Nullable;

/**
 * sequence_header_obu() (AV1 specification §5.5).
 *
 * @param profile seq_profile: 0 Main, 1 High, 2 Professional
 * @param level seq_level_idx of operating point 0: 8 is 4.0, 31 is "no limit"
 * @param highTier seq_tier of operating point 0
 * @param stillPicture still_picture
 * @param reducedStillPicture reduced_still_picture_header: every frame is a shown key frame
 * @param maximumWidth max_frame_width, in pixels
 * @param maximumHeight max_frame_height, in pixels
 * @param bitDepth 8, 10 or 12
 * @param monochrome no chroma planes
 * @param subsamplingX chroma has half the width
 * @param subsamplingY chroma has half the height
 * @param chromaSamplePosition 0 unknown, 1 vertical, 2 colocated
 * @param colour unspecified code points where none are sent
 * @param frameRate null without timing_info or equal_picture_interval, or beyond 300 fps
 * @param initialDisplayDelay frames to hold before display for operating point 0; 0 when absent
 */
public record SequenceHeader(
    int profile,
    int level,
    boolean highTier,
    boolean stillPicture,
    boolean reducedStillPicture,
    int maximumWidth,
    int maximumHeight,
    int bitDepth,
    boolean monochrome,
    boolean subsamplingX,
    boolean subsamplingY,
    int chromaSamplePosition,
    Colour colour,
    @Nullable Rational frameRate,
    int initialDisplayDelay) {

  private static final int SELECT = 2;
  private static final int BT_709 = 1;
  private static final int SRGB_TRANSFER = 13;
  private static final int IDENTITY_MATRIX = 0;

  /** color_config(), §5.5.2. */
  private record ColourConfig(
      int bitDepth,
      boolean monochrome,
      boolean subsamplingX,
      boolean subsamplingY,
      int chromaSamplePosition,
      Colour colour) {}

  /** The loop over operating points: what is kept of point 0. */
  private record OperatingPoint(int level, boolean highTier, int initialDisplayDelay) {}

  /**
   * Reads the payload of a sequence header OBU.
   *
   * @throws MediaFormatException malformed
   */
  public static SequenceHeader parse(byte[] payload) {
    BitReader in = new BitReader("AV1 sequence header", payload);
    int profile = in.bits(3);
    if (profile > 2) {
      throw in.malformed("reserved seq_profile " + profile);
    }
    boolean still = in.flag();
    boolean reduced = in.flag();
    if (reduced && !still) {
      throw in.malformed("reduced_still_picture_header without still_picture");
    }
    Rational frameRate = null;
    OperatingPoint point;
    if (reduced) {
      point = new OperatingPoint(in.bits(5), false, 0);
    } else {
      boolean timing = in.flag();
      int delayBits = 0;
      if (timing) {
        frameRate = timingInfo(in);
        if (in.flag()) { // decoder_model_info_present_flag, §5.5.4
          delayBits = 1 + in.bits(5);
          in.skip(32 + 5 + 5);
        }
      }
      point = operatingPoints(in, delayBits);
    }
    int widthBits = 1 + in.bits(4);
    int heightBits = 1 + in.bits(4);
    int width = 1 + in.bits(widthBits);
    int height = 1 + in.bits(heightBits);
    if (!reduced && in.flag()) { // frame_id_numbers_present_flag
      in.skip(4 + 3);
    }
    in.skip(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
    if (!reduced) {
      tools(in);
    }
    in.skip(3); // enable_superres, enable_cdef, enable_restoration
    ColourConfig config = colourConfig(in, profile);
    in.skip(1); // film_grain_params_present
    return new SequenceHeader(
        profile,
        point.level,
        point.highTier,
        still,
        reduced,
        width,
        height,
        config.bitDepth,
        config.monochrome,
        config.subsamplingX,
        config.subsamplingY,
        config.chromaSamplePosition,
        config.colour,
        frameRate,
        point.initialDisplayDelay);
  }

  /** timing_info(), §5.5.3. */
  private static @Nullable Rational timingInfo(BitReader in) {
    long unitsInTick = in.longBits(32);
    long timeScale = in.longBits(32);
    if (unitsInTick == 0 || timeScale == 0) {
      throw in.malformed("timing_info of zero");
    }
    if (!in.flag()) { // equal_picture_interval
      return null;
    }
    long ticksPerPicture = 1 + in.uvlc();
    boolean absurd = Math.multiplyHigh(unitsInTick, ticksPerPicture) != 0;
    return absurd ? null : FrameRates.ofTiming(timeScale, unitsInTick * ticksPerPicture);
  }

  private static OperatingPoint operatingPoints(BitReader in, int delayBits) {
    boolean displayDelays = in.flag();
    int count = 1 + in.bits(5);
    OperatingPoint first = new OperatingPoint(0, false, 0);
    for (int i = 0; i < count; i++) {
      in.skip(12); // operating_point_idc
      int level = in.bits(5);
      boolean highTier = level > 7 && in.flag();
      if (delayBits > 0 && in.flag()) { // operating_parameters_info(), §5.5.5
        in.skip(2L * delayBits + 1);
      }
      int displayDelay = displayDelays && in.flag() ? 1 + in.bits(4) : 0;
      if (i == 0) {
        first = new OperatingPoint(level, highTier, displayDelay);
      }
    }
    return first;
  }

  private static void tools(BitReader in) {
    in.skip(4); // enable_interintra_compound … enable_dual_filter
    boolean orderHint = in.flag();
    if (orderHint) {
      in.skip(2); // enable_jnt_comp, enable_ref_frame_mvs
    }
    int screenContent = in.flag() ? SELECT : in.bits(1);
    if (screenContent > 0 && !in.flag()) { // seq_choose_integer_mv
      in.skip(1);
    }
    if (orderHint) {
      in.skip(3); // order_hint_bits_minus_1
    }
  }

  private static ColourConfig colourConfig(BitReader in, int profile) {
    boolean highBitDepth = in.flag();
    boolean twelve = profile == 2 && highBitDepth && in.flag();
    int bitDepth = twelve ? 12 : highBitDepth ? 10 : 8;
    boolean monochrome = profile != 1 && in.flag();
    int primaries = 2;
    int transfer = 2;
    int matrix = 2;
    if (in.flag()) { // color_description_present_flag
      primaries = in.bits(8);
      transfer = in.bits(8);
      matrix = in.bits(8);
    }
    if (monochrome) {
      boolean fullRange = in.flag();
      Colour colour = new Colour(primaries, transfer, matrix, fullRange);
      return new ColourConfig(bitDepth, true, true, true, 0, colour);
    }
    if (primaries == BT_709 && transfer == SRGB_TRANSFER && matrix == IDENTITY_MATRIX) {
      in.skip(1); // separate_uv_delta_q
      Colour colour = new Colour(primaries, transfer, matrix, true);
      return new ColourConfig(bitDepth, false, false, false, 0, colour);
    }
    boolean fullRange = in.flag();
    boolean x = profile == 0 || (profile == 2 && (bitDepth != 12 || in.flag()));
    boolean y = profile == 0 || (profile == 2 && bitDepth == 12 && x && in.flag());
    int position = x && y ? in.bits(2) : 0;
    in.skip(1); // separate_uv_delta_q
    Colour colour = new Colour(primaries, transfer, matrix, fullRange);
    return new ColourConfig(bitDepth, false, x, y, position, colour);
  }
}
