package io.millrace.media.hevc;

import io.millrace.media.FrameRates;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;
import org.jspecify.annotations.Nullable;

/**
 * A video parameter set (ITU-T H.265 §7.3.2.1) as far as its timing information.
 *
 * @param id vps_video_parameter_set_id, 0–15
 * @param frameRate vps_time_scale ÷ vps_num_units_in_tick, null when absent or beyond 300 fps
 */
public record VideoParameterSet(int id, @Nullable Rational frameRate) {
  private static final int MAXIMUM_LAYER_SETS = 1_024;

  /**
   * Reads a whole NAL unit, header and emulation prevention included.
   *
   * @throws MediaFormatException malformed
   */
  public static VideoParameterSet parse(byte[] nalUnit) {
    BitReader in = new BitReader("HEVC video parameter set", EmulationPrevention.remove(nalUnit));
    ParameterSets.header(in, NalUnits.VPS);
    int id = in.bits(4);
    in.skip(2 + 6); // vps_base_layer flags, vps_max_layers_minus1
    int maxSubLayersMinus1 = ParameterSets.subLayers(in);
    in.skip(1 + 16); // vps_temporal_id_nesting_flag, 0xffff
    ProfileTierLevel.read(in, maxSubLayersMinus1);
    ParameterSets.subLayerOrdering(in, maxSubLayersMinus1);
    int maximumLayerId = in.bits(6);
    int layerSets = 1 + in.ue("vps_num_layer_sets_minus1", MAXIMUM_LAYER_SETS - 1);
    in.skip((layerSets - 1L) * (maximumLayerId + 1)); // layer_id_included_flag
    Rational frameRate = null;
    if (in.flag()) { // vps_timing_info_present_flag
      long unitsInTick = in.longBits(32);
      frameRate = FrameRates.ofTiming(in.longBits(32), unitsInTick);
    }
    return new VideoParameterSet(id, frameRate);
  }
}
