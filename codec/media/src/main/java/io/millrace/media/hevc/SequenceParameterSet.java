package io.millrace.media.hevc;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;

/**
 * A sequence parameter set (ITU-T H.265 §7.3.2.2.1) as far as its usability information; what only
 * decoders need is stepped over, extensions are not read.
 *
 * @param videoParameterSetId sps_video_parameter_set_id, 0–15
 * @param id sps_seq_parameter_set_id, 0–15
 * @param temporalLayers sps_max_sub_layers_minus1 + 1: 1–7
 * @param temporalIdNesting sps_temporal_id_nesting_flag
 * @param profile profile, tier and level
 * @param chromaFormatIdc 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4
 * @param bitDepthLuma 8–16
 * @param bitDepthChroma 8–16
 * @param maxReorderPictures sps_max_num_reorder_pics of the highest sub-layer
 * @param width in pixels, after the conformance window
 * @param height in pixels, after the conformance window
 * @param usability what the VUI says
 */
public record SequenceParameterSet(
    int videoParameterSetId,
    int id,
    int temporalLayers,
    boolean temporalIdNesting,
    ProfileTierLevel profile,
    int chromaFormatIdc,
    int bitDepthLuma,
    int bitDepthChroma,
    int maxReorderPictures,
    int width,
    int height,
    VideoUsability usability) {

  /** Table A.8, level 6.2: MaxLumaPs 35 651 584, and no side longer than √(8 × MaxLumaPs). */
  private static final int MAXIMUM_SIDE = 16_888;

  private static final int MAXIMUM_SAMPLES = 35_651_584;

  /**
   * Reads a whole NAL unit, header and emulation prevention included.
   *
   * @throws MediaFormatException malformed, also for sizes beyond every level
   */
  public static SequenceParameterSet parse(byte[] nalUnit) {
    BitReader in =
        new BitReader("HEVC sequence parameter set", EmulationPrevention.remove(nalUnit));
    ParameterSets.header(in, NalUnits.SPS);
    int vpsId = in.bits(4);
    int maxSubLayersMinus1 = ParameterSets.subLayers(in);
    boolean nesting = in.flag();
    ProfileTierLevel profile = ProfileTierLevel.read(in, maxSubLayersMinus1);
    int id = in.ue("sps_seq_parameter_set_id", 15);
    int chromaFormatIdc = in.ue("chroma_format_idc", 3);
    boolean separatePlanes = chromaFormatIdc == 3 && in.flag();
    int codedWidth = in.ue("pic_width_in_luma_samples", MAXIMUM_SIDE);
    int codedHeight = in.ue("pic_height_in_luma_samples", MAXIMUM_SIDE);
    if ((long) codedWidth * codedHeight > MAXIMUM_SAMPLES) {
      throw in.malformed(codedWidth + "x" + codedHeight + " samples are beyond every level");
    }
    long croppedWidth = codedWidth;
    long croppedHeight = codedHeight;
    if (in.flag()) { // conformance_window_flag, §7.4.3.2.1
      int chroma = separatePlanes ? 0 : chromaFormatIdc;
      croppedWidth -= (chroma == 1 || chroma == 2 ? 2 : 1) * (in.ue() + in.ue());
      croppedHeight -= (chroma == 1 ? 2 : 1) * (in.ue() + in.ue());
    }
    if (croppedWidth <= 0 || croppedHeight <= 0) {
      throw in.malformed("no picture of " + croppedWidth + "x" + croppedHeight);
    }
    int bitDepthLuma = 8 + in.ue("bit_depth_luma_minus8", 8);
    int bitDepthChroma = 8 + in.ue("bit_depth_chroma_minus8", 8);
    int orderCountBits = 4 + in.ue("log2_max_pic_order_cnt_lsb_minus4", 12);
    int reorder = ParameterSets.subLayerOrdering(in, maxSubLayersMinus1);
    CodingTools.skip(in, orderCountBits);
    VideoUsability usability = in.flag() ? VideoUsability.read(in) : VideoUsability.ABSENT;
    return new SequenceParameterSet(
        vpsId,
        id,
        1 + maxSubLayersMinus1,
        nesting,
        profile,
        chromaFormatIdc,
        bitDepthLuma,
        bitDepthChroma,
        reorder,
        (int) croppedWidth,
        (int) croppedHeight,
        usability);
  }
}
