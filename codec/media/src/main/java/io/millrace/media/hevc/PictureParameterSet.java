package io.millrace.media.hevc;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;

/**
 * The identity of a picture parameter set (ITU-T H.265 §7.3.2.3); the rest concerns decoders only.
 *
 * @param id pps_pic_parameter_set_id, 0–63
 * @param sequenceParameterSetId 0–15
 */
public record PictureParameterSet(int id, int sequenceParameterSetId) {

  /**
   * Reads the start of a whole NAL unit, header and emulation prevention included.
   *
   * @throws MediaFormatException malformed
   */
  public static PictureParameterSet parse(byte[] nalUnit) {
    BitReader in = new BitReader("HEVC picture parameter set", EmulationPrevention.remove(nalUnit));
    ParameterSets.header(in, NalUnits.PPS);
    return new PictureParameterSet(
        in.ue("pps_pic_parameter_set_id", 63), in.ue("pps_seq_parameter_set_id", 15));
  }
}
