package io.millrace.media.hevc;

import io.millrace.media.Colour;
import io.millrace.media.FrameRates;
import io.millrace.media.Rational;
import io.millrace.media.bits.BitReader;
import org.jspecify.annotations.Nullable;

/**
 * Video usability information of a sequence parameter set (ITU-T H.265 §E.2.1), as far as its
 * timing information.
 *
 * @param sampleAspectRatio 1:1 when unspecified
 * @param colour unspecified code points where none are sent
 * @param fieldSequence field_seq_flag: every picture is a field
 * @param frameRate vui_time_scale ÷ vui_num_units_in_tick, null when absent or beyond 300 fps
 */
public record VideoUsability(
    Rational sampleAspectRatio,
    Colour colour,
    boolean fieldSequence,
    @Nullable Rational frameRate) {

  /** What a parameter set without the information says. */
  public static final VideoUsability ABSENT =
      new VideoUsability(Rational.ONE, Colour.UNSPECIFIED, false, null);

  static VideoUsability read(BitReader in) {
    Rational aspect =
        in.flag() ? io.millrace.media.h264.VideoUsability.readAspectRatio(in) : Rational.ONE;
    if (in.flag()) { // overscan_info_present_flag
      in.skip(1);
    }
    Colour colour =
        in.flag() ? io.millrace.media.h264.VideoUsability.readColour(in) : Colour.UNSPECIFIED;
    if (in.flag()) { // chroma_loc_info_present_flag
      in.ue();
      in.ue();
    }
    in.skip(1); // neutral_chroma_indication_flag
    boolean fieldSequence = in.flag();
    in.skip(1); // frame_field_info_present_flag
    if (in.flag()) { // default_display_window_flag
      for (int i = 0; i < 4; i++) {
        in.ue();
      }
    }
    Rational frameRate = null;
    if (in.flag()) { // vui_timing_info_present_flag
      long unitsInTick = in.longBits(32);
      frameRate = FrameRates.ofTiming(in.longBits(32), unitsInTick);
    }
    return new VideoUsability(aspect, colour, fieldSequence, frameRate);
  }
}
