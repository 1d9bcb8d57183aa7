package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recorded datagrams of a connection between two libsrt 1.5.1.
 *
 * @param fromCaller direction of each
 */
record Capture(List<Boolean> fromCaller, List<ByteBuf> packets) {
  /** What the recordings in the test resources were made with. */
  static final String PASSPHRASE = "millrace-test-vector";

  /** Reads a resource: direction byte, length in two bytes, datagram; again and again. */
  static Capture resource(String name) throws IOException {
    Capture capture = new Capture(new ArrayList<>(), new ArrayList<>());
    try (InputStream in = Capture.class.getResourceAsStream("/srt/" + name);
        DataInputStream data = new DataInputStream(in)) {
      while (data.available() > 0) {
        capture.fromCaller.add(data.readByte() == 0);
        capture.packets.add(Unpooled.wrappedBuffer(data.readNBytes(data.readUnsignedShort())));
      }
    }
    return capture;
  }

  /** Payload of message {@code i} in the recordings. */
  static byte[] message(int i) {
    byte[] message = new byte[188];
    message[0] = 0x47;
    for (int j = 0; j < 187; j++) {
      message[j + 1] = (byte) (i * 7 + j);
    }
    return message;
  }

  /** UDP payloads of a pcap file of Ethernet and IPv4 without options, from the shared corpus. */
  static @Nullable Capture corpus(String name) throws IOException {
    Path file = Path.of(System.getProperty("millrace.shared", "../../shared"), "corpus", name);
    if (!Files.exists(file)) {
      return null;
    }
    ByteBuffer pcap = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    Capture capture = new Capture(new ArrayList<>(), new ArrayList<>());
    int headers = 14 + 20 + 8;
    for (pcap.position(24); pcap.remaining() >= 16; ) {
      int length = pcap.getInt(pcap.position() + 8);
      pcap.position(pcap.position() + 16);
      byte[] frame = new byte[length];
      pcap.get(frame);
      if (length > headers) {
        capture.fromCaller.add(true);
        capture.packets.add(Unpooled.wrappedBuffer(frame, headers, length - headers));
      }
    }
    return capture;
  }
}
