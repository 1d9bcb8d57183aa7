package io.millrace.media.caption;

import io.millrace.media.av1.Obus;
import io.millrace.media.h264.NalUnits;
import io.millrace.media.nal.EmulationPrevention;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayOutputStream;

/**
 * Puts captions into the samples that an encoder has made, in front of the picture that they belong
 * to.
 */
public final class CaptionWriter {
  private static final int USER_DATA_T35 = 4;
  private static final int METADATA_T35 = 4;
  private static final int RBSP_TRAILING_BITS = 0x80;
  private static final int LAST_SLICE = 5;

  /** 1 zero | 6 nal_unit_type 39 | 6 layer 0 | 3 temporal id plus 1 (ITU-T H.265 §7.3.1.2). */
  private static final byte[] HEVC_PREFIX_SEI = {
    io.millrace.media.hevc.NalUnits.PREFIX_SEI << 1, 1
  };

  /** 4 obu_type METADATA, has_size_field (AV1 specification §5.3.2). */
  private static final int METADATA_OBU_HEADER = Obus.METADATA << 3 | 0x02;

  private CaptionWriter() {}

  /**
   * A sample of H.264 with an SEI unit before its first slice (ITU-T H.264 §7.4.1.2.3).
   *
   * @param sample NAL units behind four-byte lengths; taken
   * @return a buffer that the caller owns
   * @throws io.millrace.media.MediaFormatException if the sample is no such thing; it is released
   */
  public static ByteBuf intoH264(ByteBuf sample, byte[] triplets, ByteBufAllocator allocator) {
    try {
      int index = sample.writerIndex();
      NalUnits units = NalUnits.lengthPrefixed(sample, 4);
      while (units.next()) {
        if (units.type() > 0 && units.type() <= LAST_SLICE) {
          index = units.offset() - 4;
          break;
        }
      }
      byte[] unit = sei(CaptionData.toT35(triplets), (byte) NalUnits.SEI);
      ByteBuf out = allocator.buffer(sample.readableBytes() + 4 + unit.length);
      out.writeBytes(sample, sample.readerIndex(), index - sample.readerIndex());
      out.writeInt(unit.length).writeBytes(unit);
      return out.writeBytes(sample, index, sample.writerIndex() - index);
    } finally {
      sample.release();
    }
  }

  /**
   * A sample of HEVC with a prefix SEI unit before its first slice (ITU-T H.265 §7.4.2.4.4).
   *
   * @param sample NAL units behind four-byte lengths; taken
   * @return a buffer that the caller owns
   * @throws io.millrace.media.MediaFormatException if the sample is no such thing; it is released
   */
  public static ByteBuf intoHevc(ByteBuf sample, byte[] triplets, ByteBufAllocator allocator) {
    try {
      int index = sample.writerIndex();
      var units = io.millrace.media.hevc.NalUnits.lengthPrefixed(sample, 4);
      while (units.next()) {
        if (units.type() < io.millrace.media.hevc.NalUnits.VPS) {
          index = units.offset() - 4;
          break;
        }
      }
      byte[] unit = sei(CaptionData.toT35(triplets), HEVC_PREFIX_SEI);
      ByteBuf out = allocator.buffer(sample.readableBytes() + 4 + unit.length);
      out.writeBytes(sample, sample.readerIndex(), index - sample.readerIndex());
      out.writeInt(unit.length).writeBytes(unit);
      return out.writeBytes(sample, index, sample.writerIndex() - index);
    } finally {
      sample.release();
    }
  }

  /** sei_rbsp() of one message, behind its NAL header (ITU-T H.264 §7.3.2.3). */
  private static byte[] sei(byte[] message, byte... header) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(message.length + 8);
    out.writeBytes(header);
    out.write(USER_DATA_T35);
    out.write(message.length); // at most 104: one byte
    out.writeBytes(message);
    out.write(RBSP_TRAILING_BITS);
    return EmulationPrevention.insert(out.toByteArray());
  }

  /**
   * A sample of AV1 with a metadata OBU before its first frame (AV1 specification §5.8.2, §7.5).
   *
   * @param sample a temporal unit without delimiter; taken
   * @return a buffer that the caller owns
   * @throws io.millrace.media.MediaFormatException if the sample is no such thing; it is released
   */
  public static ByteBuf intoAv1(ByteBuf sample, byte[] triplets, ByteBufAllocator allocator) {
    try {
      int index = sample.writerIndex();
      Obus obus = Obus.of(sample);
      while (obus.next()) {
        if (obus.type() == Obus.FRAME || obus.type() == Obus.FRAME_HEADER) {
          index = obus.offset();
          break;
        }
      }
      byte[] message = CaptionData.toT35(triplets);
      ByteBuf out = allocator.buffer(sample.readableBytes() + 4 + message.length);
      out.writeBytes(sample, sample.readerIndex(), index - sample.readerIndex());
      // metadata_type and the trailing bits around it: at most 106 bytes, one of leb128
      out.writeByte(METADATA_OBU_HEADER).writeByte(message.length + 2);
      out.writeByte(METADATA_T35).writeBytes(message).writeByte(RBSP_TRAILING_BITS);
      return out.writeBytes(sample, index, sample.writerIndex() - index);
    } finally {
      sample.release();
    }
  }
}
