package io.millrace.transport.rtmp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The tags of an FLV file (Adobe FLV 10.1 §E.4.1). */
final class FlvFile {
  /** One audio (8), video (9) or script (18) tag. */
  record Tag(int type, long timestampMs, byte[] body) {}

  private FlvFile() {}

  static List<Tag> read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
    in.position(in.getInt(5) + 4);
    List<Tag> tags = new ArrayList<>();
    while (in.remaining() >= 15) {
      int typeAndLength = in.getInt();
      int time = in.getInt();
      long timestampMs = (time >>> 8 | time << 24) & 0xFFFF_FFFFL;
      in.position(in.position() + 3);
      byte[] body = new byte[typeAndLength & 0xFF_FFFF];
      in.get(body);
      in.getInt();
      tags.add(new Tag(typeAndLength >>> 24, timestampMs, body));
    }
    return tags;
  }
}
