package io.millrace.media.h264;

import io.millrace.media.MediaFormatException;
import io.millrace.media.nal.NalCursor;
import io.netty.buffer.ByteBuf;

/**
 * A cursor over the NAL units of a buffer, in either framing. Nothing is copied or allocated per
 * unit, and a whole pass is linear in the bytes.
 *
 * <pre>{@code
 * NalUnits nals = NalUnits.lengthPrefixed(payload, 4);
 * while (nals.next()) {
 *   switch (nals.type()) { ... }
 * }
 * }</pre>
 *
 * <p>Borrows the buffer from its reader index to its end and moves none of its indices; not
 * thread-safe.
 */
public final class NalUnits {
  /** nal_unit_type, ITU-T H.264 Table 7-1. */
  public static final int IDR_SLICE = 5;

  public static final int SEI = 6;
  public static final int SPS = 7;
  public static final int PPS = 8;
  public static final int ACCESS_UNIT_DELIMITER = 9;
  public static final int FILLER = 12;
  public static final int SPS_EXTENSION = 13;

  private final NalCursor units;

  private NalUnits(NalCursor units) {
    this.units = units;
  }

  /**
   * NAL units each behind its length (ISO/IEC 14496-15 §5.3.4.2).
   *
   * @param lengthSize bytes of a length: 1, 2 or 4
   */
  public static NalUnits lengthPrefixed(ByteBuf in, int lengthSize) {
    return new NalUnits(NalCursor.lengthPrefixed("H.264", in, lengthSize));
  }

  /**
   * NAL units each behind a start code (ITU-T H.264 Annex B). Bytes before the first start code are
   * skipped, trailing zeros belong to no unit.
   */
  public static NalUnits annexB(ByteBuf in) {
    return new NalUnits(NalCursor.annexB("H.264", in));
  }

  /**
   * Moves to the next unit; false at the end.
   *
   * @throws MediaFormatException if a length is zero or runs past the end of the buffer
   */
  public boolean next() {
    return units.next();
  }

  /** nal_unit_type of the current unit. */
  public int type() {
    return units.header() & 0x1F;
  }

  /** Absolute index of the current unit's first byte (its header) in the buffer. */
  public int offset() {
    return units.offset();
  }

  /** Size of the current unit with its header, at least 1. */
  public int sizeBytes() {
    return units.sizeBytes();
  }

  /** A copy of the current unit, emulation prevention bytes and all. */
  public byte[] copy() {
    return units.copy();
  }
}
