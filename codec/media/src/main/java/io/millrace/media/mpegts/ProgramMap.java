package io.millrace.media.mpegts;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * The program map section (ISO/IEC 13818-1 §2.4.4.8).
 *
 * <pre>
 *   3 reserved | 13 PCR_PID | 4 reserved | 12 program_info_length, descriptors
 *   each stream: 8 stream_type | 3 reserved | 13 PID | 4 reserved | 12 ES_info_length, descriptors
 * </pre>
 */
record ProgramMap(
    int program, int version, int pcrPid, List<Descriptor> descriptors, List<Stream> streams) {
  static final int TABLE_ID = 2;

  /** One elementary stream. */
  record Stream(int streamType, int pid, List<Descriptor> descriptors) {}

  /**
   * @throws MediaFormatException malformed
   */
  static ProgramMap parse(Section section) {
    ByteBuf body = section.body().duplicate();
    if (section.tableId() != TABLE_ID || body.readableBytes() < 4) {
      throw MediaFormatException.malformed("program map of " + body.readableBytes() + " bytes");
    }
    int pcrPid = body.readUnsignedShort() & 0x1FFF;
    List<Descriptor> descriptors = descriptors(body);
    List<Stream> streams = new ArrayList<>();
    while (body.isReadable()) {
      if (body.readableBytes() < 5) {
        throw MediaFormatException.malformed("program map ends inside a stream");
      }
      int streamType = body.readUnsignedByte();
      int pid = body.readUnsignedShort() & 0x1FFF;
      streams.add(new Stream(streamType, pid, descriptors(body)));
    }
    return new ProgramMap(
        section.extension(), section.version(), pcrPid, descriptors, List.copyOf(streams));
  }

  private static List<Descriptor> descriptors(ByteBuf body) {
    return Descriptor.parseAll(body, body.readUnsignedShort() & 0xFFF);
  }

  /** Appends the section. */
  void write(ByteBuf out) {
    ByteBuf body = Unpooled.buffer(128);
    body.writeShort(0xE000 | pcrPid);
    write(descriptors, body);
    for (Stream stream : streams) {
      body.writeByte(stream.streamType).writeShort(0xE000 | stream.pid);
      write(stream.descriptors, body);
    }
    new Section(TABLE_ID, program, version, true, 0, 0, body).write(out);
  }

  private static void write(List<Descriptor> descriptors, ByteBuf out) {
    int at = out.writerIndex();
    out.writeShort(0);
    descriptors.forEach(descriptor -> descriptor.write(out));
    out.setShort(at, 0xF000 | out.writerIndex() - at - 2);
  }
}
