package io.millrace.media.h264;

import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;

/**
 * What slice headers need of a sequence parameter set (ITU-T H.264 §7.3.2.1.1).
 *
 * @param chromaArrayType 0 where chroma is absent or coded as separate planes
 * @param orderType pic_order_cnt_type
 * @param mapUnits PicSizeInMapUnits
 */
record SliceSequence(
    int id,
    boolean separatePlanes,
    int chromaArrayType,
    int frameNumberBits,
    int orderType,
    int orderBits,
    boolean orderDeltaAlwaysZero,
    boolean framesOnly,
    int mapUnits) {

  static SliceSequence parse(byte[] nalUnit) {
    BitReader in =
        new BitReader("H.264 sequence parameter set", EmulationPrevention.remove(nalUnit));
    in.skip(8);
    int profileIdc = in.bits(8);
    in.skip(16);
    int id = in.ue("seq_parameter_set_id", 31);
    int chroma = 1;
    boolean separate = false;
    if (SequenceParameterSet.isHigh(profileIdc)) {
      chroma = in.ue("chroma_format_idc", 3);
      separate = chroma == 3 && in.flag();
      in.ue(); // bit depths
      in.ue();
      in.skip(1);
      if (in.flag()) {
        SequenceParameterSet.skipScalingMatrix(in, chroma == 3 ? 12 : 8);
      }
    }
    int frameNumberBits = 4 + in.ue("log2_max_frame_num_minus4", 12);
    int orderType = in.ue("pic_order_cnt_type", 2);
    int orderBits = 0;
    boolean alwaysZero = false;
    if (orderType == 0) {
      orderBits = 4 + in.ue("log2_max_pic_order_cnt_lsb_minus4", 12);
    } else if (orderType == 1) {
      alwaysZero = in.flag();
      in.se();
      in.se();
      int cycle = in.ue("num_ref_frames_in_pic_order_cnt_cycle", 255);
      for (int i = 0; i < cycle; i++) {
        in.se();
      }
    }
    in.ue(); // max_num_ref_frames
    in.skip(1);
    int width = 1 + in.ue("pic_width_in_mbs_minus1", 0xFFFF);
    int height = 1 + in.ue("pic_height_in_map_units_minus1", 0x3FFF);
    boolean framesOnly = in.flag();
    return new SliceSequence(
        id,
        separate,
        separate ? 0 : chroma,
        frameNumberBits,
        orderType,
        orderBits,
        alwaysZero,
        framesOnly,
        width * height);
  }
}
