package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What follows the fixed part of a conclusion (draft-sharabayko-srt-01 §3.2.1.1). */
public sealed interface HandshakeExtension {
  /** Longest stream id, in bytes. */
  int MAX_STREAM_ID_BYTES = 512;

  /** Of each other text, in bytes. */
  int MAX_TEXT_BYTES = 512;

  /** No honest peer sends more blocks. */
  int MAX_BLOCKS = 16;

  int type();

  /** Writes the block with its header. Borrows {@code out}. */
  void write(ByteBuf out);

  /**
   * HSREQ or HSRSP (§3.2.1.1.1).
   *
   * <pre>
   *  |                         SRT version                           |
   *  |                          SRT flags                            |
   *  |     receiver's TSBPD delay    |      sender's TSBPD delay     |
   * </pre>
   *
   * @param type {@link ExtensionType#HANDSHAKE_REQUEST} or {@code HANDSHAKE_RESPONSE}
   * @param version 0x00XXYYZZ for X.Y.Z
   * @param receiverLatencyMs of the writer when it receives, 16 bits
   * @param senderLatencyMs that the writer wants of its peer when it sends, 16 bits
   */
  record Capabilities(int type, int version, int flags, int receiverLatencyMs, int senderLatencyMs)
      implements HandshakeExtension {
    public static final int TSBPD_SENDER = 1;
    public static final int TSBPD_RECEIVER = 1 << 1;
    public static final int CRYPT = 1 << 2;
    public static final int TOO_LATE_DROP = 1 << 3;
    public static final int PERIODIC_NAK = 1 << 4;
    public static final int RETRANSMIT_FLAG = 1 << 5;
    public static final int STREAM = 1 << 6;
    public static final int PACKET_FILTER = 1 << 7;

    private static final int WORDS = 3;

    public boolean has(int flag) {
      return (flags & flag) != 0;
    }

    @Override
    public void write(ByteBuf out) {
      out.writeShort(type);
      out.writeShort(WORDS);
      out.writeInt(version);
      out.writeInt(flags);
      out.writeShort(receiverLatencyMs);
      out.writeShort(senderLatencyMs);
    }
  }

  /**
   * KMREQ or KMRSP: a {@link KeyMaterial} message, or one word that says why there is none.
   *
   * @param type {@link ExtensionType#KEY_REQUEST} or {@code KEY_RESPONSE}
   * @param body shared, not to be changed; whole words, {@link KeyMaterial#MAX_BYTES} at most
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Keys(int type, byte[] body) implements HandshakeExtension {
    @Override
    public void write(ByteBuf out) {
      out.writeShort(type);
      out.writeShort(body.length / Integer.BYTES);
      out.writeBytes(body);
    }
  }

  /**
   * Stream id, congestion control or packet filter: UTF-8 in words that are turned round, zeros at
   * the end (§3.2.1.1.3).
   */
  record Text(int type, String text) implements HandshakeExtension {
    @Override
    public void write(ByteBuf out) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int words = (bytes.length + 3) / Integer.BYTES;
      out.writeShort(type);
      out.writeShort(words);
      for (int i = 0; i < words * Integer.BYTES; i++) {
        int at = (i & ~3) + (3 - (i & 3));
        out.writeByte(at < bytes.length ? bytes[at] : 0);
      }
    }

    /** May hold a secret. */
    @Override
    public String toString() {
      return "Text[type=" + type + ", length=" + text.length() + "]";
    }
  }

  /**
   * A block whose content is of no interest: a socket group's, or an unknown one.
   *
   * @param words content, written as zeros
   */
  record Other(int type, int words) implements HandshakeExtension {
    @Override
    public void write(ByteBuf out) {
      out.writeShort(type);
      out.writeShort(words);
      out.writeZero(words * Integer.BYTES);
    }
  }

  /**
   * Reads every block behind {@code offset} bytes of a packet's payload. Borrows the packet.
   *
   * @throws HandshakeException for blocks that are cut off, repeated, too many or malformed
   */
  static List<HandshakeExtension> parseAll(ByteBuf packet, int offset) throws HandshakeException {
    List<HandshakeExtension> list = new ArrayList<>();
    int at = SrtPacket.payloadIndex(packet) + offset;
    int end = packet.writerIndex();
    int seen = 0;
    while (end - at >= Integer.BYTES) {
      int type = packet.getUnsignedShort(at);
      int bytes = packet.getUnsignedShort(at + 2) * Integer.BYTES;
      at += Integer.BYTES;
      if (bytes > end - at) {
        throw HandshakeException.rogue("extension cut off");
      }
      if (list.size() == MAX_BLOCKS) {
        throw HandshakeException.rogue("too many extensions");
      }
      int bit = 1 << Math.min(type, Integer.SIZE - 1);
      if ((seen & bit) != 0 && type < Integer.SIZE - 1 && type != ExtensionType.KEY_REQUEST) {
        throw HandshakeException.rogue("extension repeated");
      }
      seen |= bit;
      list.add(parse(packet, type, at, bytes));
      at += bytes;
    }
    return list;
  }

  private static HandshakeExtension parse(ByteBuf packet, int type, int at, int bytes)
      throws HandshakeException {
    return switch (type) {
      case ExtensionType.HANDSHAKE_REQUEST, ExtensionType.HANDSHAKE_RESPONSE -> {
        if (bytes < Capabilities.WORDS * Integer.BYTES) {
          throw HandshakeException.rogue("handshake extension too short");
        }
        yield new Capabilities(
            type,
            packet.getInt(at),
            packet.getInt(at + 4),
            packet.getUnsignedShort(at + 8),
            packet.getUnsignedShort(at + 10));
      }
      case ExtensionType.KEY_REQUEST, ExtensionType.KEY_RESPONSE -> {
        if (bytes == 0 || bytes > KeyMaterial.MAX_BYTES) {
          throw HandshakeException.rogue("key extension of an impossible length");
        }
        byte[] body = new byte[bytes];
        packet.getBytes(at, body);
        yield new Keys(type, body);
      }
      case ExtensionType.STREAM_ID, ExtensionType.CONGESTION, ExtensionType.FILTER -> {
        if (bytes > (type == ExtensionType.STREAM_ID ? MAX_STREAM_ID_BYTES : MAX_TEXT_BYTES)) {
          throw HandshakeException.rogue("text extension too long");
        }
        yield new Text(type, readText(packet, at, bytes));
      }
      default -> new Other(type, bytes / Integer.BYTES);
    };
  }

  private static String readText(ByteBuf packet, int at, int bytes) {
    byte[] text = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      text[i] = packet.getByte(at + (i & ~3) + (3 - (i & 3)));
    }
    int length = bytes;
    while (length > 0 && text[length - 1] == 0) {
      length--;
    }
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }
}
