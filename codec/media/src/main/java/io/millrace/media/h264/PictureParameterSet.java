package io.millrace.media.h264;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.millrace.media.nal.EmulationPrevention;

/**
 * The identity of a picture parameter set (ITU-T H.264 §7.3.2.2); the rest concerns decoders only.
 *
 * @param id pic_parameter_set_id, 0–255
 * @param sequenceParameterSetId 0–31
 */
public record PictureParameterSet(int id, int sequenceParameterSetId) {

  /**
   * Reads the start of a whole NAL unit, header and emulation prevention included.
   *
   * @throws MediaFormatException malformed
   */
  public static PictureParameterSet parse(byte[] nalUnit) {
    BitReader in =
        new BitReader("H.264 picture parameter set", EmulationPrevention.remove(nalUnit));
    int header = in.bits(8);
    if ((header & 0x80) != 0 || (header & 0x1F) != NalUnits.PPS) {
      throw in.malformed("NAL unit header " + header);
    }
    return new PictureParameterSet(
        in.ue("pic_parameter_set_id", 255), in.ue("seq_parameter_set_id", 31));
  }
}
