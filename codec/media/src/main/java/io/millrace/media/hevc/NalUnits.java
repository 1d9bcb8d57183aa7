package io.millrace.media.hevc;

import io.millrace.media.MediaFormatException;
import io.millrace.media.nal.NalCursor;
import io.netty.buffer.ByteBuf;

/**
 * A cursor over the NAL units of an HEVC buffer, in either framing; each has a header of two bytes
 * (ITU-T H.265 §7.3.1.2):
 *
 * <pre>
 *  1 forbidden 0 | 6 nal_unit_type | 6 nuh_layer_id | 3 nuh_temporal_id_plus1
 * </pre>
 *
 * <p>Borrows the buffer from its reader index to its end and moves none of its indices; not
 * thread-safe.
 */
public final class NalUnits {
  /** nal_unit_type, ITU-T H.265 Table 7-1: the first of the random access pictures. */
  public static final int BLA_W_LP = 16;

  public static final int IDR_W_RADL = 19;
  public static final int IDR_N_LP = 20;
  public static final int CRA = 21;

  /** The last number that random access pictures have, reserved ones included. */
  public static final int LAST_IRAP = 23;

  public static final int VPS = 32;
  public static final int SPS = 33;
  public static final int PPS = 34;
  public static final int ACCESS_UNIT_DELIMITER = 35;
  public static final int END_OF_SEQUENCE = 36;
  public static final int END_OF_BITSTREAM = 37;
  public static final int FILLER = 38;
  public static final int PREFIX_SEI = 39;
  public static final int SUFFIX_SEI = 40;

  static final int HEADER_SIZE_BYTES = 2;

  private final NalCursor units;

  private NalUnits(NalCursor units) {
    this.units = units;
  }

  /**
   * NAL units each behind its length (ISO/IEC 14496-15 §8.3.2).
   *
   * @param lengthSize bytes of a length: 1, 2 or 4
   */
  public static NalUnits lengthPrefixed(ByteBuf in, int lengthSize) {
    return new NalUnits(NalCursor.lengthPrefixed("HEVC", in, lengthSize));
  }

  /**
   * NAL units each behind a start code (ITU-T H.265 Annex B). Bytes before the first start code are
   * skipped, trailing zeros belong to no unit.
   */
  public static NalUnits annexB(ByteBuf in) {
    return new NalUnits(NalCursor.annexB("HEVC", in));
  }

  /**
   * Moves to the next unit; false at the end.
   *
   * @throws MediaFormatException if a length is shorter than a header or runs past the end of the
   *     buffer
   */
  public boolean next() {
    if (!units.next()) {
      return false;
    }
    if (units.sizeBytes() < HEADER_SIZE_BYTES) {
      throw units.malformed("NAL unit of one byte");
    }
    return true;
  }

  /** nal_unit_type of the current unit. */
  public int type() {
    return typeOf(units.header());
  }

  /** nal_unit_type from the first byte of a unit. */
  static int typeOf(int firstByte) {
    return firstByte >> 1 & 0x3F;
  }

  /** nuh_layer_id of the current unit: 0 for the picture that every decoder shows. */
  public int layerId() {
    return units.header16() >> 3 & 0x3F;
  }

  /** True when the current unit is a slice of a random access picture (IDR, BLA, CRA). */
  public boolean isIrap() {
    int type = type();
    return type >= BLA_W_LP && type <= LAST_IRAP;
  }

  /** Absolute index of the current unit's first byte (its header) in the buffer. */
  public int offset() {
    return units.offset();
  }

  /** Size of the current unit with its header, at least 2. */
  public int sizeBytes() {
    return units.sizeBytes();
  }

  /** A copy of the current unit, emulation prevention bytes and all. */
  public byte[] copy() {
    return units.copy();
  }
}
