package io.millrace.media.hevc;

import io.millrace.media.bits.BitReader;

/** What the parameter sets have in common. */
final class ParameterSets {
  private static final int MAXIMUM_DPB_SIZE = 16;

  private ParameterSets() {}

  /** nal_unit_header(), which must be of the given type. */
  static void header(BitReader in, int type) {
    int header = in.bits(16);
    if ((header & 0x8000) != 0 || NalUnits.typeOf(header >> 8) != type) {
      throw in.malformed("NAL unit header " + header);
    }
    if ((header >> 3 & 0x3F) != 0) {
      throw in.malformed("nuh_layer_id " + (header >> 3 & 0x3F) + " of another layer");
    }
  }

  /** max_sub_layers_minus1. */
  static int subLayers(BitReader in) {
    int minus1 = in.bits(3);
    if (minus1 > 6) {
      throw in.malformed("max_sub_layers_minus1 is 7");
    }
    return minus1;
  }

  /**
   * sub_layer_ordering_info_present_flag and what follows.
   *
   * @return max_num_reorder_pics of the highest sub-layer
   */
  static int subLayerOrdering(BitReader in, int maxSubLayersMinus1) {
    int reorder = 0;
    for (int i = in.flag() ? 0 : maxSubLayersMinus1; i <= maxSubLayersMinus1; i++) {
      in.ue("max_dec_pic_buffering_minus1", MAXIMUM_DPB_SIZE - 1);
      reorder = in.ue("max_num_reorder_pics", MAXIMUM_DPB_SIZE - 1);
      in.ue(); // max_latency_increase_plus1
    }
    return reorder;
  }
}
