package io.millrace.media.h264;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;
import java.util.Set;

/**
 * A sequence parameter set (ITU-T H.264 §7.3.2.1.1), all profiles, with scaling lists stepped over.
 *
 * @param profileIdc profile_idc
 * @param constraintFlags the byte of constraint_set flags behind it
 * @param levelIdc level_idc
 * @param id seq_parameter_set_id, 0–31
 * @param chromaFormatIdc 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4
 * @param bitDepthLuma 8–14
 * @param bitDepthChroma 8–14
 * @param pictureOrderCountType 0–2; with 2 output order is decoding order
 * @param maxReferenceFrames max_num_ref_frames, 0–16
 * @param progressive frame_mbs_only_flag
 * @param codedWidth in pixels, before cropping, a multiple of 16
 * @param codedHeight in pixels, before cropping, a multiple of 16 (32 when not progressive)
 * @param width in pixels, after cropping
 * @param height in pixels, after cropping
 * @param usability what the VUI says
 */
public record SequenceParameterSet(
    int profileIdc,
    int constraintFlags,
    int levelIdc,
    int id,
    int chromaFormatIdc,
    int bitDepthLuma,
    int bitDepthChroma,
    int pictureOrderCountType,
    int maxReferenceFrames,
    boolean progressive,
    int codedWidth,
    int codedHeight,
    int width,
    int height,
    VideoUsability usability) {

  /** Table A-1, level 6.2: 139 264 macroblocks, no side longer than √(8 × MaxFS). */
  private static final int MAXIMUM_SIDE_MACROBLOCKS = 1055;

  private static final int MAXIMUM_MACROBLOCKS = 139_264;

  /** The profiles whose parameter sets carry chroma_format_idc and what follows (§7.3.2.1.1). */
  private static final Set<Integer> HIGH_PROFILES =
      Set.of(100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135);

  /** True when {@code profileIdc} has chroma format and bit depth in its parameter set. */
  static boolean isHigh(int profileIdc) {
    return HIGH_PROFILES.contains(profileIdc);
  }

  /**
   * Reads a whole NAL unit, header and emulation prevention included.
   *
   * @throws MediaFormatException malformed, also for sizes beyond every level
   */
  public static SequenceParameterSet parse(byte[] nalUnit) {
    BitReader in =
        new BitReader("H.264 sequence parameter set", EmulationPrevention.remove(nalUnit));
    int header = in.bits(8);
    if ((header & 0x80) != 0 || (header & 0x1F) != NalUnits.SPS) {
      throw in.malformed("NAL unit header " + header);
    }
    int profileIdc = in.bits(8);
    int constraintFlags = in.bits(8);
    int levelIdc = in.bits(8);
    int id = in.ue("seq_parameter_set_id", 31);
    int chromaFormatIdc = 1;
    boolean separatePlanes = false;
    int bitDepthLuma = 8;
    int bitDepthChroma = 8;
    if (isHigh(profileIdc)) {
      chromaFormatIdc = in.ue("chroma_format_idc", 3);
      separatePlanes = chromaFormatIdc == 3 && in.flag();
      bitDepthLuma = 8 + in.ue("bit_depth_luma_minus8", 6);
      bitDepthChroma = 8 + in.ue("bit_depth_chroma_minus8", 6);
      in.skip(1); // qpprime_y_zero_transform_bypass_flag
      if (in.flag()) {
        skipScalingMatrix(in, chromaFormatIdc == 3 ? 12 : 8);
      }
    }
    in.ue("log2_max_frame_num_minus4", 12);
    int pocType = in.ue("pic_order_cnt_type", 2);
    skipPictureOrderCount(in, pocType);
    int maxReferenceFrames = in.ue("max_num_ref_frames", 16);
    in.skip(1); // gaps_in_frame_num_value_allowed_flag
    int widthMbs = 1 + in.ue("pic_width_in_mbs_minus1", MAXIMUM_SIDE_MACROBLOCKS - 1);
    int heightMapUnits = 1 + in.ue("pic_height_in_map_units_minus1", MAXIMUM_SIDE_MACROBLOCKS - 1);
    boolean progressive = in.flag();
    int heightMbs = progressive ? heightMapUnits : 2 * heightMapUnits;
    if (heightMbs > MAXIMUM_SIDE_MACROBLOCKS || widthMbs * heightMbs > MAXIMUM_MACROBLOCKS) {
      throw in.malformed(widthMbs + "x" + heightMbs + " macroblocks are beyond every level");
    }
    if (!progressive) {
      in.skip(1); // mb_adaptive_frame_field_flag
    }
    in.skip(1); // direct_8x8_inference_flag
    int width = 16 * widthMbs;
    int height = 16 * heightMbs;
    if (in.flag()) { // frame_cropping_flag, §7.4.2.1.1 equations 7-19 to 7-22
      int chroma = separatePlanes ? 0 : chromaFormatIdc;
      int unitX = chroma == 1 || chroma == 2 ? 2 : 1;
      int unitY = (chroma == 1 ? 2 : 1) * (progressive ? 1 : 2);
      long left = in.ue();
      long right = in.ue();
      long top = in.ue();
      long bottom = in.ue();
      long croppedWidth = width - unitX * (left + right);
      long croppedHeight = height - unitY * (top + bottom);
      if (croppedWidth <= 0 || croppedHeight <= 0) {
        throw in.malformed("cropping leaves no picture");
      }
      width = (int) croppedWidth;
      height = (int) croppedHeight;
    }
    VideoUsability usability = in.flag() ? VideoUsability.read(in) : VideoUsability.ABSENT;
    return new SequenceParameterSet(
        profileIdc,
        constraintFlags,
        levelIdc,
        id,
        chromaFormatIdc,
        bitDepthLuma,
        bitDepthChroma,
        pocType,
        maxReferenceFrames,
        progressive,
        16 * widthMbs,
        16 * heightMbs,
        width,
        height,
        usability);
  }

  /**
   * The most frames that may precede a frame in decoding order and follow it in output order; where
   * the VUI is silent, what §E.2.1 infers.
   */
  public int maxReorderFrames() {
    if (usability.maxReorderFrames() >= 0) {
      return usability.maxReorderFrames();
    }
    boolean intraOnly =
        profileIdc == 44
            || ((constraintFlags & 0x10) != 0 && isHigh(profileIdc) && profileIdc != 118);
    if (pictureOrderCountType == 2 || intraOnly || profileIdc == 66) {
      return 0;
    }
    int frameMacroblocks = codedWidth / 16 * (codedHeight / 16);
    return Math.min(maxDpbMacroblocks() / frameMacroblocks, 16);
  }

  /** MaxDpbMbs of Table A-1. */
  private int maxDpbMacroblocks() {
    return switch (levelIdc) {
      case 9, 10 -> 396;
      case 11 -> (constraintFlags & 0x10) != 0 && !isHigh(profileIdc) ? 396 : 900;
      case 12, 13, 20 -> 2_376;
      case 21 -> 4_752;
      case 22, 30 -> 8_100;
      case 31 -> 18_000;
      case 32 -> 20_480;
      case 40, 41 -> 32_768;
      case 42 -> 34_816;
      case 50 -> 110_400;
      case 51, 52 -> 184_320;
      default -> 696_320;
    };
  }

  private static void skipPictureOrderCount(BitReader in, int type) {
    if (type == 0) {
      in.ue("log2_max_pic_order_cnt_lsb_minus4", 12);
    } else if (type == 1) {
      in.skip(1); // delta_pic_order_always_zero_flag
      in.se();
      in.se();
      int cycle = in.ue("num_ref_frames_in_pic_order_cnt_cycle", 255);
      for (int i = 0; i < cycle; i++) {
        in.se();
      }
    }
  }

  /** scaling_list(), §7.3.2.1.1.1, for each list that is present. */
  static void skipScalingMatrix(BitReader in, int lists) {
    for (int list = 0; list < lists; list++) {
      if (!in.flag()) {
        continue;
      }
      int size = list < 6 ? 16 : 64;
      int last = 8;
      for (int i = 0; i < size; i++) {
        long delta = in.se();
        if (delta < -128 || delta > 127) {
          throw in.malformed("delta_scale is " + delta);
        }
        int next = last + (int) delta + 256 & 0xFF;
        if (next == 0) {
          break;
        }
        last = next;
      }
    }
  }
}
