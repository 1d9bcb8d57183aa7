package io.millrace.media.hevc;

import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;
import java.util.ArrayList;
import java.util.List;

/**
 * What slice headers need of a sequence parameter set (ITU-T H.265 §7.3.2.2.1).
 *
 * @param chromaArrayType 0 where chroma is absent or coded as separate planes
 * @param orderBits of slice_pic_order_cnt_lsb
 * @param addressBits of slice_segment_address
 * @param longTermSets num_long_term_ref_pics_sps
 * @param longTermUsed used_by_curr_pic_lt_sps_flag of each
 */
record SliceSequence(
    int id,
    boolean separatePlanes,
    int chromaArrayType,
    int orderBits,
    int addressBits,
    boolean adaptiveOffset,
    List<ReferenceSet> referenceSets,
    boolean longTermPresent,
    int longTermSets,
    List<Boolean> longTermUsed,
    boolean temporalPrediction) {

  static SliceSequence parse(byte[] nalUnit) {
    BitReader in =
        new BitReader("HEVC sequence parameter set", EmulationPrevention.remove(nalUnit));
    ParameterSets.header(in, NalUnits.SPS);
    in.skip(4); // sps_video_parameter_set_id
    int subLayers = ParameterSets.subLayers(in);
    in.skip(1);
    ProfileTierLevel.read(in, subLayers);
    int id = in.ue("sps_seq_parameter_set_id", 15);
    int chroma = in.ue("chroma_format_idc", 3);
    boolean separate = chroma == 3 && in.flag();
    int width = in.ue("pic_width_in_luma_samples", 1 << 15);
    int height = in.ue("pic_height_in_luma_samples", 1 << 15);
    if (in.flag()) { // conformance_window_flag
      for (int i = 0; i < 4; i++) {
        in.ue();
      }
    }
    in.ue(); // bit depths
    in.ue();
    int orderBits = 4 + in.ue("log2_max_pic_order_cnt_lsb_minus4", 12);
    ParameterSets.subLayerOrdering(in, subLayers);
    int minimumBlockLog2 = 3 + in.ue("log2_min_luma_coding_block_size_minus3", 3);
    int blockLog2 = minimumBlockLog2 + in.ue("log2_diff_max_min_luma_coding_block_size", 3);
    int block = 1 << blockLog2;
    long blocks = (long) Math.ceilDiv(width, block) * Math.ceilDiv(height, block);
    for (int i = 0; i < 4; i++) { // transform hierarchy
      in.ue();
    }
    boolean scaling = in.flag(); // scaling_list_enabled_flag
    if (scaling && in.flag()) { // sps_scaling_list_data_present_flag
      CodingTools.scalingLists(in);
    }
    in.skip(1); // amp_enabled_flag
    boolean adaptiveOffset = in.flag();
    if (in.flag()) { // pcm_enabled_flag
      in.skip(8);
      in.ue();
      in.ue();
      in.skip(1);
    }
    int sets = in.ue("num_short_term_ref_pic_sets", 64);
    List<ReferenceSet> references = new ArrayList<>();
    for (int i = 0; i < sets; i++) {
      references.add(ReferenceSet.readOfSequence(in, i, references));
    }
    boolean longTerm = in.flag();
    List<Boolean> longTermUsed = new ArrayList<>();
    if (longTerm) {
      int count = in.ue("num_long_term_ref_pics_sps", 32);
      for (int i = 0; i < count; i++) {
        in.skip(orderBits);
        longTermUsed.add(in.flag());
      }
    }
    return new SliceSequence(
        id,
        separate,
        separate ? 0 : chroma,
        orderBits,
        Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, blocks) - 1),
        adaptiveOffset,
        references,
        longTerm,
        longTermUsed.size(),
        longTermUsed,
        in.flag());
  }
}
