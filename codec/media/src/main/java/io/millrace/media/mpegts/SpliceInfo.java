package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * When a splice_info_section applies (SCTE 35 §9.6).
 *
 * <pre>
 *   8 table_id 0xFC | 4 flags | 12 section_length | 8 protocol_version
 *   1 encrypted | 6 algorithm | 33 pts_adjustment | 8 cw_index | 12 tier
 *  12 splice_command_length | 8 splice_command_type | command ... | 32 CRC
 * </pre>
 *
 * @param command splice_command_type
 * @param encrypted true when the command cannot be read
 * @param ptsAdjustment 33 bits, added to every time inside
 * @param spliceTime the command's own time, 33 bits; {@link TsAccessUnit#NO_TIME} when it applies
 *     at once or has none
 */
public record SpliceInfo(int command, boolean encrypted, long ptsAdjustment, long spliceTime) {
  /** splice_null(): says that the line is up, and nothing else. */
  public static final int SPLICE_NULL = 0x00;

  private static final int SPLICE_INSERT = 0x05;
  private static final int TIME_SIGNAL = 0x06;
  private static final int MINIMUM_BYTES = 18;
  private static final int ADJUSTMENT_INDEX = 4;
  private static final int COMMAND_INDEX = 13;
  private static final int TIME_BYTES = 5;

  /**
   * Reads a whole section; borrows it.
   *
   * @throws MediaFormatException malformed
   */
  public static SpliceInfo parse(ByteBuf section) {
    ByteBuf in = section.slice();
    if (in.readableBytes() < MINIMUM_BYTES) {
      throw MediaFormatException.malformed("splice_info_section: ends early");
    }
    int first = in.getByte(ADJUSTMENT_INDEX);
    long adjustment = (long) (first & 1) << 32 | in.getUnsignedInt(ADJUSTMENT_INDEX + 1);
    boolean encrypted = first < 0;
    int command = in.getUnsignedByte(COMMAND_INDEX);
    in.readerIndex(COMMAND_INDEX + 1).writerIndex(in.writerIndex() - Section.CRC_SIZE_BYTES);
    long time = encrypted ? TsAccessUnit.NO_TIME : time(command, in);
    return new SpliceInfo(command, encrypted, adjustment, time);
  }

  private static long time(int command, ByteBuf in) {
    return switch (command) {
      case TIME_SIGNAL -> spliceTime(in);
      case SPLICE_INSERT -> insertTime(in);
      default -> TsAccessUnit.NO_TIME;
    };
  }

  /** splice_insert() of a whole program, §9.7.3. */
  private static long insertTime(ByteBuf in) {
    if (in.readableBytes() < 6) {
      return TsAccessUnit.NO_TIME;
    }
    in.skipBytes(4);
    boolean cancel = in.readByte() < 0;
    int flags = cancel ? 0 : in.readUnsignedByte();
    boolean wholeProgram = (flags & 0x40) != 0;
    boolean immediate = (flags & 0x10) != 0;
    return wholeProgram && !immediate ? spliceTime(in) : TsAccessUnit.NO_TIME;
  }

  /** splice_time(), §9.8.1: 1 time_specified | 6 reserved | 33 pts_time. */
  private static long spliceTime(ByteBuf in) {
    if (in.readableBytes() < TIME_BYTES || in.getByte(in.readerIndex()) >= 0) {
      return TsAccessUnit.NO_TIME;
    }
    int first = in.readUnsignedByte();
    return (long) (first & 1) << 32 | in.readUnsignedInt();
  }

  /** The time when it applies on the stream's clock, 33 bits; NO_TIME when that is at once. */
  public long pts() {
    return spliceTime == TsAccessUnit.NO_TIME
        ? TsAccessUnit.NO_TIME
        : spliceTime + ptsAdjustment & PesHeader.TIME_MASK;
  }

  /** A copy of a whole section with another pts_adjustment and the CRC that belongs to it. */
  static ByteBuf adjusted(byte[] section, long ptsAdjustment) {
    ByteBuf out = Unpooled.copiedBuffer(section);
    int first = out.getByte(ADJUSTMENT_INDEX) & 0xFE | (int) (ptsAdjustment >> 32 & 1);
    out.setByte(ADJUSTMENT_INDEX, first);
    out.setInt(ADJUSTMENT_INDEX + 1, (int) ptsAdjustment);
    int crcIndex = section.length - Section.CRC_SIZE_BYTES;
    out.setInt(crcIndex, Crc32Mpeg.of(out, 0, crcIndex));
    return out;
  }
}
