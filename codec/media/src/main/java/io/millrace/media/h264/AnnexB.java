package io.millrace.media.h264;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Start codes ↔ length prefixes: ITU-T H.264 Annex B, ISO/IEC 14496-15 §5.3.4.2. */
public final class AnnexB {
  private static final int START_CODE = 1;

  private AnnexB() {}

  /**
   * Rewrites a byte stream with four-byte lengths.
   *
   * @param in borrowed; its indices stay
   * @return a buffer that the caller owns; empty when the stream has no NAL unit
   */
  public static ByteBuf toLengthPrefixed(ByteBuf in, ByteBufAllocator allocator) {
    int sizeBytes = 0;
    NalUnits nals = NalUnits.annexB(in);
    while (nals.next()) {
      sizeBytes += 4 + nals.sizeBytes();
    }
    ByteBuf out = allocator.buffer(sizeBytes, sizeBytes);
    nals = NalUnits.annexB(in);
    while (nals.next()) {
      out.writeInt(nals.sizeBytes()).writeBytes(in, nals.offset(), nals.sizeBytes());
    }
    return out;
  }

  /**
   * Rewrites length-prefixed NAL units with four-byte start codes.
   *
   * @param in borrowed; its indices stay
   * @param lengthSize bytes of a length: 1, 2 or 4
   * @return a buffer that the caller owns
   * @throws MediaFormatException if the lengths do not tile the buffer
   */
  public static ByteBuf fromLengthPrefixed(ByteBuf in, int lengthSize, ByteBufAllocator allocator) {
    int sizeBytes = 0;
    NalUnits nals = NalUnits.lengthPrefixed(in, lengthSize);
    while (nals.next()) {
      sizeBytes = Math.addExact(sizeBytes, 4 + nals.sizeBytes());
    }
    ByteBuf out = allocator.buffer(sizeBytes, sizeBytes);
    nals = NalUnits.lengthPrefixed(in, lengthSize);
    while (nals.next()) {
      out.writeInt(START_CODE).writeBytes(in, nals.offset(), nals.sizeBytes());
    }
    return out;
  }

  /**
   * The parameter sets of a configuration as a byte stream, as decoders take them.
   *
   * @return a buffer that the caller owns
   */
  public static ByteBuf parameterSets(AvcConfiguration config, ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer();
    config.sequenceParameterSets().forEach(unit -> out.writeInt(START_CODE).writeBytes(unit));
    config.pictureParameterSets().forEach(unit -> out.writeInt(START_CODE).writeBytes(unit));
    return out;
  }
}
