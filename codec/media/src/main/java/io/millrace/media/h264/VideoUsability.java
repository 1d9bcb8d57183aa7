package io.millrace.media.h264;

import io.millrace.media.Colour;
import io.millrace.media.FrameRates;
import io.millrace.media.Rational;
import io.millrace.media.bits.BitReader;
import org.jspecify.annotations.Nullable;

/**
 * Video usability information of a sequence parameter set (ITU-T H.264 §E.1.1), as far as a server
 * needs it.
 *
 * @param sampleAspectRatio 1:1 when unspecified
 * @param colour unspecified code points where none are sent
 * @param frameRate time_scale ÷ (2 × num_units_in_tick), null when absent or beyond 300 fps, where
 *     it is the encoder's time base and not a rate
 * @param fixedFrameRate fixed_frame_rate_flag
 * @param maxReorderFrames max_num_reorder_frames, −1 when absent
 */
public record VideoUsability(
    Rational sampleAspectRatio,
    Colour colour,
    @Nullable Rational frameRate,
    boolean fixedFrameRate,
    int maxReorderFrames) {

  /** What a parameter set without the information says. */
  public static final VideoUsability ABSENT =
      new VideoUsability(Rational.ONE, Colour.UNSPECIFIED, null, false, -1);

  private static final int EXTENDED_SAR = 255;

  /** Table E-1, aspect_ratio_idc 1–16. */
  private static final int[][] ASPECT_RATIOS = {
    {1, 1}, {12, 11}, {10, 11}, {16, 11}, {40, 33}, {24, 11}, {20, 11}, {32, 11}, {80, 33},
    {18, 11}, {15, 11}, {64, 33}, {160, 99}, {4, 3}, {3, 2}, {2, 1}
  };

  static VideoUsability read(BitReader in) {
    Rational aspect = in.flag() ? readAspectRatio(in) : Rational.ONE;
    if (in.flag()) { // overscan_info_present_flag
      in.skip(1);
    }
    Colour colour = in.flag() ? readColour(in) : Colour.UNSPECIFIED;
    if (in.flag()) { // chroma_loc_info_present_flag
      in.ue();
      in.ue();
    }
    Rational frameRate = null;
    boolean fixed = false;
    if (in.flag()) { // timing_info_present_flag
      long unitsInTick = in.longBits(32);
      frameRate = FrameRates.ofTiming(in.longBits(32), 2 * unitsInTick);
      fixed = in.flag();
    }
    boolean nal = in.flag();
    if (nal) {
      skipHrd(in);
    }
    boolean vcl = in.flag();
    if (vcl) {
      skipHrd(in);
    }
    if (nal || vcl) {
      in.skip(1); // low_delay_hrd_flag
    }
    in.skip(1); // pic_struct_present_flag
    int reorder = -1;
    if (in.flag()) { // bitstream_restriction_flag
      in.skip(1);
      for (int i = 0; i < 4; i++) {
        in.ue();
      }
      reorder = in.ue("max_num_reorder_frames", 16);
      in.ue("max_dec_frame_buffering", 16);
    }
    return new VideoUsability(aspect, colour, frameRate, fixed, reorder);
  }

  /** aspect_ratio_idc and what follows, which HEVC has alike; 1:1 when unspecified. */
  public static Rational readAspectRatio(BitReader in) {
    int idc = in.bits(8);
    if (idc == EXTENDED_SAR) {
      int width = in.bits(16);
      int height = in.bits(16);
      return width == 0 || height == 0 ? Rational.ONE : new Rational(width, height);
    }
    if (idc == 0 || idc > ASPECT_RATIOS.length) {
      return Rational.ONE;
    }
    return new Rational(ASPECT_RATIOS[idc - 1][0], ASPECT_RATIOS[idc - 1][1]);
  }

  /** video_format and what follows behind video_signal_type_present_flag, which HEVC has alike. */
  public static Colour readColour(BitReader in) {
    in.skip(3); // video_format
    boolean fullRange = in.flag();
    return in.flag()
        ? new Colour(in.bits(8), in.bits(8), in.bits(8), fullRange)
        : new Colour(2, 2, 2, fullRange);
  }

  /** hrd_parameters(), §E.1.2. */
  private static void skipHrd(BitReader in) {
    int count = 1 + in.ue("cpb_cnt_minus1", 31);
    in.skip(8);
    for (int i = 0; i < count; i++) {
      in.ue();
      in.ue();
      in.skip(1);
    }
    in.skip(20);
  }
}
