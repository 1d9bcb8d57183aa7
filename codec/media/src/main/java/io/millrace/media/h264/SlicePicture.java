package io.millrace.media.h264;

import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;

/**
 * What slice headers need of a picture parameter set (ITU-T H.264 §7.3.2.2).
 *
 * @param orderPresent bottom_field_pic_order_in_frame_present_flag
 * @param groupChangeRate SliceGroupChangeRate where slice groups evolve, else 0
 * @param weightedBi weighted_bipred_idc
 */
record SlicePicture(
    int id,
    int sequenceId,
    boolean cabac,
    boolean orderPresent,
    long groupChangeRate,
    int defaultReferences0,
    int defaultReferences1,
    boolean weighted,
    int weightedBi,
    boolean deblockingControl,
    boolean redundantPresent) {

  static SlicePicture parse(byte[] nalUnit) {
    BitReader in =
        new BitReader("H.264 picture parameter set", EmulationPrevention.remove(nalUnit));
    in.skip(8);
    int id = in.ue("pic_parameter_set_id", 255);
    int sequenceId = in.ue("seq_parameter_set_id", 31);
    boolean cabac = in.flag();
    boolean orderPresent = in.flag();
    int groups = 1 + in.ue("num_slice_groups_minus1", 7);
    long changeRate = groups > 1 ? sliceGroups(in, groups) : 0;
    return new SlicePicture(
        id,
        sequenceId,
        cabac,
        orderPresent,
        changeRate,
        1 + in.ue("num_ref_idx_l0_default_active_minus1", 31),
        1 + in.ue("num_ref_idx_l1_default_active_minus1", 31),
        in.flag(),
        in.bits(2),
        deblocking(in),
        skipOne(in).flag());
  }

  /** Behind the quantiser's values: deblocking_filter_control_present_flag. */
  private static boolean deblocking(BitReader in) {
    in.se(); // pic_init_qp_minus26
    in.se(); // pic_init_qs_minus26
    in.se(); // chroma_qp_index_offset
    return in.flag();
  }

  /** constrained_intra_pred_flag. */
  private static BitReader skipOne(BitReader in) {
    in.skip(1);
    return in;
  }

  /** Returns SliceGroupChangeRate, 0 for groups that do not evolve. */
  private static long sliceGroups(BitReader in, int groups) {
    int mapType = in.ue("slice_group_map_type", 6);
    switch (mapType) {
      case 0 -> {
        for (int i = 0; i < groups; i++) {
          in.ue(); // run_length_minus1
        }
      }
      case 2 -> {
        for (int i = 0; i < groups - 1; i++) {
          in.ue(); // top_left
          in.ue(); // bottom_right
        }
      }
      case 3, 4, 5 -> {
        in.skip(1); // slice_group_change_direction_flag
        return 1 + in.ue();
      }
      case 6 -> {
        long units = 1 + in.ue();
        in.skip(units * (Integer.SIZE - Integer.numberOfLeadingZeros(groups - 1)));
      }
      default -> {}
    }
    return 0;
  }
}
