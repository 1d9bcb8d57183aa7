package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * One section of the program association table (ISO/IEC 13818-1 §2.4.4.3): entries of 16
 * program_number, 3 reserved, 13 PID. The network's own entry, program 0, is left out.
 */
record ProgramAssociation(int transportStreamId, int version, List<Entry> entries) {
  static final int TABLE_ID = 0;

  /**
   * @param pid of the program's map
   */
  record Entry(int program, int pid) {}

  /**
   * @throws MediaFormatException malformed
   */
  static ProgramAssociation parse(Section section) {
    ByteBuf body = section.body();
    if (section.tableId() != TABLE_ID || body.readableBytes() % 4 != 0) {
      throw MediaFormatException.malformed(
          "program association of " + body.readableBytes() + " bytes");
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = body.readerIndex(); i < body.writerIndex(); i += 4) {
      int program = body.getUnsignedShort(i);
      int pid = body.getUnsignedShort(i + 2) & 0x1FFF;
      if (program != 0 && pid >= TsPacket.FIRST_FREE_PID && pid != TsPacket.PID_NULL) {
        entries.add(new Entry(program, pid));
      }
    }
    return new ProgramAssociation(section.extension(), section.version(), List.copyOf(entries));
  }

  /** Appends the table as one section. */
  void write(ByteBuf out) {
    ByteBuf body = Unpooled.buffer(4 * entries.size());
    for (Entry entry : entries) {
      body.writeShort(entry.program).writeShort(0xE000 | entry.pid);
    }
    new Section(TABLE_ID, transportStreamId, version, true, 0, 0, body).write(out);
  }
}
