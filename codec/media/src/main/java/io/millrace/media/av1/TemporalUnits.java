package io.millrace.media.av1;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Temporal units as an encoder makes them, and as a sample carries them (AV1-ISOBMFF §2.4). */
public final class TemporalUnits {
  private static final int KEY_FRAME = 0;

  private TemporalUnits() {}

  /**
   * The unit as a sample carries it: without temporal delimiters, padding, tile lists and redundant
   * frame headers, every OBU with its size field.
   *
   * @param unit borrowed; its indices stay
   * @return a buffer that the caller owns: a retained slice where nothing had to go, else a copy
   * @throws MediaFormatException malformed
   */
  public static ByteBuf toSample(ByteBuf unit, ByteBufAllocator allocator) {
    Obus obus = Obus.of(unit);
    int keptBytes = 0;
    int keptFrom = -1;
    boolean contiguous = true;
    while (obus.next()) {
      if (belongs(obus.type())) {
        if (keptFrom < 0) {
          keptFrom = obus.offset();
        }
        contiguous &= obus.hasSizeField() && obus.offset() == keptFrom + keptBytes;
        keptBytes += obus.sizeBytes();
      }
    }
    if (contiguous) {
      return unit.retainedSlice(Math.max(keptFrom, unit.readerIndex()), keptBytes);
    }
    ByteBuf out = allocator.buffer(keptBytes + 8);
    obus = Obus.of(unit);
    while (obus.next()) {
      if (belongs(obus.type())) {
        append(obus, unit, out);
      }
    }
    return out;
  }

  private static boolean belongs(int type) {
    return switch (type) {
      case Obus.TEMPORAL_DELIMITER, Obus.PADDING, Obus.TILE_LIST, Obus.REDUNDANT_FRAME_HEADER ->
          false;
      default -> true;
    };
  }

  private static void append(Obus obus, ByteBuf unit, ByteBuf out) {
    if (obus.hasSizeField()) {
      out.writeBytes(unit, obus.offset(), obus.sizeBytes());
      return;
    }
    out.writeByte(unit.getByte(obus.offset()) | 0x02);
    if (obus.payloadOffset() - obus.offset() == 2) {
      out.writeByte(unit.getByte(obus.offset() + 1));
    }
    Obus.writeLeb128(out, obus.payloadSizeBytes());
    out.writeBytes(unit, obus.payloadOffset(), obus.payloadSizeBytes());
  }

  /**
   * True for a random access point: a sequence header, then as the first frame a key frame with
   * show_frame 1 (AV1-ISOBMFF §2.4, sync sample).
   *
   * @param unit borrowed; its indices stay
   * @throws MediaFormatException malformed
   */
  public static boolean isKeyFrame(ByteBuf unit) {
    boolean afterSequenceHeader = false;
    boolean reduced = false;
    Obus obus = Obus.of(unit);
    while (obus.next()) {
      switch (obus.type()) {
        case Obus.SEQUENCE_HEADER -> {
          if (obus.payloadSizeBytes() == 0) {
            throw MediaFormatException.malformed("AV1 sequence header: ends early");
          }
          afterSequenceHeader = true;
          reduced = (unit.getByte(obus.payloadOffset()) & 0x08) != 0;
        }
        case Obus.FRAME, Obus.FRAME_HEADER -> {
          if (obus.payloadSizeBytes() == 0) {
            throw MediaFormatException.malformed("AV1 frame header: ends early");
          }
          // uncompressed_header(), §5.9.2: 1 show_existing_frame, 2 frame_type, 1 show_frame
          int header = unit.getByte(obus.payloadOffset());
          boolean shownKey =
              (header & 0x80) == 0 && (header >> 5 & 3) == KEY_FRAME && (header & 0x10) != 0;
          return afterSequenceHeader && (reduced || shownKey);
        }
        default -> {}
      }
    }
    return false;
  }
}
