package io.millrace.server.ingest;

import io.millrace.transport.rtmp.amf.Amf0Reader;
import io.millrace.transport.rtmp.amf.AmfLimits;
import io.millrace.transport.rtmp.amf.AmfValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** An FLV file that FFmpeg 8 has written, with what its ffprobe says of the packets. */
final class FlvClip {
  private static final Path FOLDER = Path.of("../codec/media/src/test/resources/flv");
  private static final int FILE_HEADER_BYTES = 13;
  private static final int AUDIO = 8;
  private static final int VIDEO = 9;
  private static final int SCRIPT = 18;

  /**
   * One line of ffprobe's: {@code video,67,0,866,K__}.
   *
   * @param ptsMs presentation time
   */
  record Packet(boolean video, long ptsMs, long dtsMs, int sizeBytes, boolean key) {}

  private record Tag(int type, long timestampMs, byte[] body) {}

  private final List<Tag> tags = new ArrayList<>();
  private final List<Packet> packets = new ArrayList<>();

  FlvClip(String name) throws IOException {
    ByteBuf file = Unpooled.wrappedBuffer(Files.readAllBytes(FOLDER.resolve(name + ".flv")));
    file.skipBytes(FILE_HEADER_BYTES);
    while (file.isReadable()) {
      int type = file.readUnsignedByte();
      byte[] body = new byte[file.readUnsignedMedium()];
      long timestampMs = file.readUnsignedMedium() | ((long) file.readUnsignedByte() << 24);
      file.skipBytes(3).readBytes(body).skipBytes(4);
      tags.add(new Tag(type, timestampMs, body));
    }
    for (String line : Files.readAllLines(FOLDER.resolve(name + ".packets.csv"))) {
      String[] fields = line.split(",");
      packets.add(
          new Packet(
              fields[0].equals("video"),
              Long.parseLong(fields[1]),
              Long.parseLong(fields[2]),
              Integer.parseInt(fields[3]),
              fields[4].startsWith("K")));
    }
  }

  List<Packet> packets() {
    return packets;
  }

  void feed(MediaIngest ingest) {
    feed(ingest, body -> body);
  }

  /**
   * @param change gives the body to feed for the body in the file
   */
  void feed(MediaIngest ingest, UnaryOperator<byte[]> change) {
    for (Tag tag : tags) {
      if (tag.type() == SCRIPT) {
        ingest.metadata(metadata(tag.body()));
        continue;
      }
      byte[] bytes = change.apply(tag.body());
      ByteBuf body = ByteBufAllocator.DEFAULT.buffer(bytes.length + 1).writeBytes(bytes);
      try {
        switch (tag.type()) {
          case AUDIO -> ingest.audio(tag.timestampMs(), body);
          case VIDEO -> ingest.video(tag.timestampMs(), body);
          default -> throw new AssertionError("tag type " + tag.type());
        }
      } finally {
        body.release();
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> metadata(byte[] body) {
    List<AmfValue> values = Amf0Reader.readAll(Unpooled.wrappedBuffer(body), AmfLimits.DEFAULT);
    return (Map<String, Object>) values.get(1).plain();
  }
}
