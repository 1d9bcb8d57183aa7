package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;

/**
 * A section in the long form (ISO/IEC 13818-1 §2.4.4.11).
 *
 * <pre>
 *   8 table_id | 1 syntax 1 | 1 private | 2 reserved | 12 section_length
 *  16 extension | 2 reserved | 5 version | 1 current | 8 section_number | 8 last_section_number
 *   body | 32 CRC
 * </pre>
 *
 * @param extension transport_stream_id of a PAT, program_number of a PMT
 * @param current false for a table that is announced and not yet in force
 * @param body borrowed, from its reader index to its end
 */
record Section(
    int tableId,
    int extension,
    int version,
    boolean current,
    int number,
    int lastNumber,
    ByteBuf body) {
  /** Of any section, with its header: private_section_length of 4093 and three bytes before. */
  static final int MAXIMUM_SIZE_BYTES = 4_096;

  static final int CRC_SIZE_BYTES = 4;

  /** Bytes that hold section_length. */
  static final int LENGTH_END_BYTES = 3;

  private static final int HEADER_SIZE_BYTES = 8;

  /** Size of the section at an absolute index, where at least three bytes are. */
  static int sizeBytes(ByteBuf in, int index) {
    return LENGTH_END_BYTES + (in.getUnsignedShort(index + 1) & 0xFFF);
  }

  /** True when a whole section ends in its right CRC. Borrows. */
  static boolean intact(ByteBuf section) {
    return Crc32Mpeg.of(section, section.readerIndex(), section.readableBytes()) == 0;
  }

  /**
   * Reads a whole section whose CRC was checked; borrows it.
   *
   * @throws MediaFormatException malformed
   */
  static Section parse(ByteBuf section) {
    int at = section.readerIndex();
    int sizeBytes = section.readableBytes();
    if (sizeBytes < HEADER_SIZE_BYTES + CRC_SIZE_BYTES || section.getByte(at + 1) >= 0) {
      throw MediaFormatException.malformed("section of " + sizeBytes + " bytes, or short form");
    }
    int versionByte = section.getByte(at + 5);
    return new Section(
        section.getUnsignedByte(at),
        section.getUnsignedShort(at + 3),
        versionByte >> 1 & 0x1F,
        (versionByte & 1) != 0,
        section.getUnsignedByte(at + 6),
        section.getUnsignedByte(at + 7),
        section.slice(at + HEADER_SIZE_BYTES, sizeBytes - HEADER_SIZE_BYTES - CRC_SIZE_BYTES));
  }

  /** Appends the section with its CRC; borrows the body. */
  void write(ByteBuf out) {
    int start = out.writerIndex();
    int length = HEADER_SIZE_BYTES - LENGTH_END_BYTES + body.readableBytes() + CRC_SIZE_BYTES;
    out.writeByte(tableId).writeShort(0xB000 | length).writeShort(extension);
    out.writeByte(0xC0 | version << 1 | (current ? 1 : 0)).writeByte(number).writeByte(lastNumber);
    out.writeBytes(body, body.readerIndex(), body.readableBytes());
    out.writeInt(Crc32Mpeg.of(out, start, out.writerIndex() - start));
  }
}
