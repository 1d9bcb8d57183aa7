package io.millrace.media.hevc;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;

/** Start codes ↔ length prefixes: ITU-T H.265 Annex B, ISO/IEC 14496-15 §8.3.2. */
public final class AnnexB {
  private static final int START_CODE = 1;

  private AnnexB() {}

  /**
   * Rewrites a byte stream with four-byte lengths, as {@code hvc1} samples have it: without access
   * unit delimiters, filler data, end markers and the parameter sets that the configuration already
   * has.
   *
   * @param in borrowed; its indices stay
   * @return a buffer that the caller owns; empty when nothing is left
   * @throws MediaFormatException for a NAL unit shorter than its header
   */
  public static ByteBuf toSample(ByteBuf in, HevcConfiguration config, ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer(in.readableBytes() + 64);
    try {
      NalUnits nals = NalUnits.annexB(in);
      while (nals.next()) {
        boolean belongs =
            switch (nals.type()) {
              case NalUnits.ACCESS_UNIT_DELIMITER,
                  NalUnits.FILLER,
                  NalUnits.END_OF_SEQUENCE,
                  NalUnits.END_OF_BITSTREAM ->
                  false;
              case NalUnits.VPS -> !contains(config.videoParameterSets(), in, nals);
              case NalUnits.SPS -> !contains(config.sequenceParameterSets(), in, nals);
              case NalUnits.PPS -> !contains(config.pictureParameterSets(), in, nals);
              default -> true;
            };
        if (belongs) {
          out.writeInt(nals.sizeBytes()).writeBytes(in, nals.offset(), nals.sizeBytes());
        }
      }
      return out.retain();
    } finally {
      out.release();
    }
  }

  /**
   * Rewrites an encoder's packet with four-byte lengths, without delimiters, filler data, end
   * markers and parameter sets: those of an encoder never change, and {@code hvc1} has them in the
   * configuration.
   *
   * @param in borrowed; its indices stay
   * @return a buffer that the caller owns
   * @throws MediaFormatException for a NAL unit shorter than its header
   */
  public static ByteBuf toSample(ByteBuf in, ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer(in.readableBytes() + 64);
    try {
      NalUnits nals = NalUnits.annexB(in);
      while (nals.next()) {
        boolean picture = nals.type() < NalUnits.VPS;
        boolean message = nals.type() == NalUnits.PREFIX_SEI || nals.type() == NalUnits.SUFFIX_SEI;
        if (picture || message) {
          out.writeInt(nals.sizeBytes()).writeBytes(in, nals.offset(), nals.sizeBytes());
        }
      }
      return out.retain();
    } finally {
      out.release();
    }
  }

  private static boolean contains(List<byte[]> units, ByteBuf in, NalUnits nals) {
    for (byte[] unit : units) {
      if (unit.length == nals.sizeBytes()
          && ByteBufUtil.equals(
              Unpooled.wrappedBuffer(unit), 0, in, nals.offset(), nals.sizeBytes())) {
        return true;
      }
    }
    return false;
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
   * The parameter sets of a configuration as a byte stream, as decoders and MPEG-TS take them.
   *
   * @return a buffer that the caller owns
   */
  public static ByteBuf parameterSets(HevcConfiguration config, ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer();
    config.videoParameterSets().forEach(unit -> out.writeInt(START_CODE).writeBytes(unit));
    config.sequenceParameterSets().forEach(unit -> out.writeInt(START_CODE).writeBytes(unit));
    config.pictureParameterSets().forEach(unit -> out.writeInt(START_CODE).writeBytes(unit));
    return out;
  }
}
