package io.millrace.media.hevc;

import io.millrace.media.bits.BitReader;

/**
 * The part of a sequence parameter set between the sub-layer ordering and the usability information
 * (ITU-T H.265 §7.3.2.2.1): read only to know where it ends.
 */
final class CodingTools {
  private static final int MAXIMUM_REFERENCE_SETS = 64;
  private static final int MAXIMUM_REFERENCES = 16;
  private static final int MAXIMUM_LONG_TERM = 32;

  private CodingTools() {}

  static void skip(BitReader in, int orderCountBits) {
    for (int i = 0; i < 6; i++) { // block sizes, transform hierarchy
      in.ue();
    }
    boolean scaling = in.flag(); // scaling_list_enabled_flag
    if (scaling && in.flag()) { // sps_scaling_list_data_present_flag
      scalingLists(in);
    }
    in.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if (in.flag()) { // pcm_enabled_flag
      in.skip(4 + 4);
      in.ue();
      in.ue();
      in.skip(1);
    }
    int sets = in.ue("num_short_term_ref_pic_sets", MAXIMUM_REFERENCE_SETS);
    int references = 0;
    for (int i = 0; i < sets; i++) {
      references = shortTermReferences(in, i > 0, references);
    }
    if (in.flag()) { // long_term_ref_pics_present_flag
      int longTerm = in.ue("num_long_term_ref_pics_sps", MAXIMUM_LONG_TERM);
      in.skip((long) longTerm * (orderCountBits + 1));
    }
    in.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  }

  /** scaling_list_data(), §7.3.4. */
  static void scalingLists(BitReader in) {
    for (int size = 0; size < 4; size++) {
      for (int matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
        if (!in.flag()) { // scaling_list_pred_mode_flag
          in.ue();
          continue;
        }
        int coefficients = Math.min(64, 1 << (4 + 2 * size)) + (size > 1 ? 1 : 0);
        for (int i = 0; i < coefficients; i++) {
          in.se();
        }
      }
    }
  }

  /**
   * st_ref_pic_set(), §7.3.7.
   *
   * @param predictable every set but the first may be predicted from the one before it
   * @param previous NumDeltaPocs of that one
   * @return NumDeltaPocs
   */
  private static int shortTermReferences(BitReader in, boolean predictable, int previous) {
    int references = 0;
    if (predictable && in.flag()) { // inter_ref_pic_set_prediction_flag
      in.skip(1); // delta_rps_sign
      in.ue();
      for (int i = 0; i <= previous; i++) {
        boolean used = in.flag();
        references += used || in.flag() ? 1 : 0;
      }
    } else {
      references =
          in.ue("num_negative_pics", MAXIMUM_REFERENCES)
              + in.ue("num_positive_pics", MAXIMUM_REFERENCES);
      for (int i = 0; i < references; i++) {
        in.ue();
        in.skip(1);
      }
    }
    if (references > MAXIMUM_REFERENCES) {
      throw in.malformed(references + " short-term reference pictures");
    }
    return references;
  }
}
