package io.millrace.transport.rtmp;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Builds what a client sends byte by byte, with nothing of the code under test. */
final class Bytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  static Bytes of() {
    return new Bytes();
  }

  byte[] toArray() {
    return out.toByteArray();
  }

  Bytes hex(String hex) {
    return raw(HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  Bytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  Bytes zeros(int count) {
    return raw(new byte[count]);
  }

  Bytes u8(int value) {
    out.write(value);
    return this;
  }

  Bytes u16(int value) {
    return u8(value >> 8).u8(value);
  }

  Bytes u24(int value) {
    return u8(value >> 16).u16(value);
  }

  Bytes u32(long value) {
    return u16((int) (value >> 16)).u16((int) value);
  }

  Bytes text(String text) {
    return raw(text.getBytes(StandardCharsets.UTF_8));
  }

  /** C0, C1 without a digest, C2. */
  Bytes handshake() {
    return u8(3).zeros(1536 * 2);
  }

  /** Only the message header of a type 0 chunk, for whatever follows. */
  Bytes header0(int chunkStream, long timestamp, int length, int type, int stream) {
    u8(chunkStream).u24((int) Math.min(timestamp, 0xFFFFFF)).u24(length).u8(type);
    raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(stream).array());
    return timestamp >= 0xFFFFFF ? u32(timestamp) : this;
  }

  /** A whole message in type 0 and type 3 chunks of {@code chunkBytes}. */
  Bytes message(
      int chunkStream, long timestamp, int type, int stream, byte[] body, int chunkBytes) {
    header0(chunkStream, timestamp, body.length, type, stream);
    for (int i = 0; i < body.length; i += chunkBytes) {
      if (i > 0) {
        u8(0xC0 | chunkStream);
        if (timestamp >= 0xFFFFFF) {
          u32(timestamp);
        }
      }
      out.write(body, i, Math.min(chunkBytes, body.length - i));
    }
    return this;
  }

  Bytes message(int chunkStream, long timestamp, int type, int stream, byte[] body) {
    return message(chunkStream, timestamp, type, stream, body, 128);
  }

  /** A control message with a 32-bit value. */
  Bytes control(int type, long value) {
    return message(2, 0, type, 0, Bytes.of().u32(value).toArray());
  }

  // AMF 0

  Bytes string(String text) {
    return u8(2).u16(text.getBytes(StandardCharsets.UTF_8).length).text(text);
  }

  Bytes number(double value) {
    return u8(0).raw(ByteBuffer.allocate(8).putDouble(value).array());
  }

  Bytes amfNull() {
    return u8(5);
  }

  Bytes property(String name) {
    return u16(name.length()).text(name);
  }

  Bytes objectEnd() {
    return hex("000009");
  }

  // commands

  Bytes command(int stream, Bytes body) {
    return message(3, 0, 20, stream, body.toArray());
  }

  Bytes connect(String app) {
    return command(
        0,
        Bytes.of()
            .string("connect")
            .number(1)
            .u8(3)
            .property("app")
            .string(app)
            .property("tcUrl")
            .string("rtmp://127.0.0.1/" + app)
            .property("flashVer")
            .string("test/1")
            .objectEnd());
  }

  Bytes simple(String name, double transaction) {
    return command(0, Bytes.of().string(name).number(transaction).amfNull());
  }

  Bytes publish(String name) {
    return command(1, Bytes.of().string("publish").number(5).amfNull().string(name).string("live"));
  }

  /** Everything up to an accepted publish of {@code live/NAME}. */
  Bytes publishing(String name) {
    return handshake().connect("live").simple("createStream", 4).publish(name);
  }

  Bytes video(long timestamp, byte[] body) {
    return message(6, timestamp, 9, 1, body);
  }

  Bytes audio(long timestamp, byte[] body) {
    return message(4, timestamp, 8, 1, body);
  }
}
