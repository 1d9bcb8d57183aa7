package io.millrace.media.hevc;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;

/** What slice headers need of a picture parameter set (ITU-T H.265 §7.3.2.3). */
record SlicePicture(
    int id,
    int sequenceId,
    boolean dependentSegments,
    boolean outputFlagPresent,
    int extraHeaderBits,
    boolean cabacInitPresent,
    int defaultReferences0,
    int defaultReferences1,
    boolean chromaOffsetsPresent,
    boolean weighted,
    boolean weightedBi,
    boolean entryPoints,
    boolean filterAcrossSlices,
    boolean deblockingOverride,
    boolean deblockingDisabled,
    boolean listModification,
    boolean headerExtension,
    boolean chromaOffsetLists) {

  static SlicePicture parse(byte[] nalUnit) {
    BitReader in = new BitReader("HEVC picture parameter set", EmulationPrevention.remove(nalUnit));
    ParameterSets.header(in, NalUnits.PPS);
    int id = in.ue("pps_pic_parameter_set_id", 63);
    int sequenceId = in.ue("pps_seq_parameter_set_id", 15);
    boolean dependent = in.flag();
    boolean outputFlag = in.flag();
    int extraBits = in.bits(3);
    in.skip(1); // sign_data_hiding_enabled_flag
    boolean cabacInit = in.flag();
    int references0 = 1 + in.ue("num_ref_idx_l0_default_active_minus1", 14);
    int references1 = 1 + in.ue("num_ref_idx_l1_default_active_minus1", 14);
    in.se(); // init_qp_minus26
    in.skip(1); // constrained_intra_pred_flag
    boolean transformSkip = in.flag();
    if (in.flag()) { // cu_qp_delta_enabled_flag
      in.ue();
    }
    in.se(); // pps_cb_qp_offset
    in.se(); // pps_cr_qp_offset
    boolean chromaOffsets = in.flag();
    boolean weighted = in.flag();
    boolean weightedBi = in.flag();
    in.skip(1); // transquant_bypass_enabled_flag
    boolean tiles = in.flag();
    boolean synchronised = in.flag();
    if (tiles) {
      tiles(in);
    }
    boolean acrossSlices = in.flag();
    boolean override = false;
    boolean disabled = false;
    if (in.flag()) { // deblocking_filter_control_present_flag
      override = in.flag();
      disabled = in.flag();
      if (!disabled) {
        in.se();
        in.se();
      }
    }
    if (in.flag()) { // pps_scaling_list_data_present_flag
      CodingTools.scalingLists(in);
    }
    boolean listModification = in.flag();
    in.ue(); // log2_parallel_merge_level_minus2
    boolean headerExtension = in.flag();
    return new SlicePicture(
        id,
        sequenceId,
        dependent,
        outputFlag,
        extraBits,
        cabacInit,
        references0,
        references1,
        chromaOffsets,
        weighted,
        weightedBi,
        tiles || synchronised,
        acrossSlices,
        override,
        disabled,
        listModification,
        headerExtension,
        in.flag() && rangeExtension(in, transformSkip));
  }

  private static void tiles(BitReader in) {
    int columns = in.ue("num_tile_columns_minus1", 1_023);
    int rows = in.ue("num_tile_rows_minus1", 1_023);
    if (!in.flag()) { // uniform_spacing_flag
      for (int i = 0; i < columns + rows; i++) {
        in.ue();
      }
    }
    in.skip(1); // loop_filter_across_tiles_enabled_flag
  }

  /** Returns chroma_qp_offset_list_enabled_flag. */
  private static boolean rangeExtension(BitReader in, boolean transformSkip) {
    boolean range = in.flag();
    boolean others = in.bits(3) != 0; // multilayer, 3D, screen content
    in.skip(4);
    if (others) {
      throw MediaFormatException.unsupported("encryption of HEVC with extended parameter sets");
    }
    if (!range) {
      return false;
    }
    if (transformSkip) {
      in.ue();
    }
    in.skip(1); // cross_component_prediction_enabled_flag
    return in.flag();
  }
}
