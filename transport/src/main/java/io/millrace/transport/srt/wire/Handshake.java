package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/**
 * A handshake packet (draft-sharabayko-srt-01 §3.2.1).
 *
 * <pre>
 *  |                           version                             |
 *  |          encryption           |           extension           |
 *  |                 initial packet sequence number                |
 *  |               maximum transmission unit, bytes                |
 *  |                maximum flow window, packets                   |
 *  |                        handshake type                         |
 *  |                        SRT socket id                          |
 *  |                         SYN cookie                            |
 *  |                   peer's address, 4 words                     |
 *  |    extension type             |   extension length, words     |
 *  |                     extension contents ...                    |
 * </pre>
 *
 * @param encryption advertised key length in bytes over 8: 2, 3, 4, or 0 for none
 * @param extension bits of what follows; {@link #MAGIC} in a listener's induction
 * @param type one of the types here, or 1000 and up: a {@link RejectCode}
 * @param peerAddress the address of the packet's receiver, as libsrt writes it
 */
public record Handshake(
    int version,
    int encryption,
    int extension,
    int initialSequence,
    int mtuBytes,
    int flowWindowPackets,
    int type,
    int socketId,
    int cookie,
    PeerAddress peerAddress,
    List<HandshakeExtension> extensions) {

  public static final int VERSION_4 = 4;
  public static final int VERSION_5 = 5;

  public static final int WAVE_A_HAND = 0;
  public static final int INDUCTION = 1;
  public static final int CONCLUSION = -1;
  public static final int AGREEMENT = -2;

  /** In the extension field of a listener that speaks version 5. */
  public static final int MAGIC = 0x4A17;

  /** In the extension field of a caller's induction: a UDT datagram socket. */
  public static final int UDT_DATAGRAM = 2;

  public static final int HAS_HANDSHAKE = 1;
  public static final int HAS_KEYS = 2;
  public static final int HAS_CONFIGURATION = 4;

  /** Bytes behind the packet header, without extensions. */
  public static final int BODY_BYTES = 48;

  /** Bytes of a handshake packet without extensions. */
  public static final int PACKET_BYTES = SrtPacket.HEADER_BYTES + BODY_BYTES;

  private static final int TYPE_OFFSET = 20;
  private static final int COOKIE_OFFSET = 28;

  /** Four words of which libsrt sends each in its own byte order, little-endian. */
  public record PeerAddress(int word0, int word1, int word2, int word3) {
    public static final PeerAddress NONE = new PeerAddress(0, 0, 0, 0);

    public static PeerAddress of(InetAddress address) {
      byte[] bytes = address.getAddress();
      return address instanceof Inet6Address
          ? new PeerAddress(word(bytes, 0), word(bytes, 4), word(bytes, 8), word(bytes, 12))
          : new PeerAddress(word(bytes, 0), 0, 0, 0);
    }

    private static int word(byte[] bytes, int at) {
      return (bytes[at] & 0xFF)
          | (bytes[at + 1] & 0xFF) << 8
          | (bytes[at + 2] & 0xFF) << 16
          | bytes[at + 3] << 24;
    }
  }

  public Handshake {
    extensions = List.copyOf(extensions);
  }

  /** Whether a control packet of type handshake is long enough to be one. Borrows. */
  public static boolean isComplete(ByteBuf packet) {
    return packet.readableBytes() >= PACKET_BYTES;
  }

  /** The type of a complete one, before anything else of it is looked at. Borrows. */
  public static int type(ByteBuf packet) {
    return packet.getInt(SrtPacket.payloadIndex(packet) + TYPE_OFFSET);
  }

  /** The cookie of a complete one. Borrows. */
  public static int cookie(ByteBuf packet) {
    return packet.getInt(SrtPacket.payloadIndex(packet) + COOKIE_OFFSET);
  }

  /** The same without extensions. Borrows. */
  public static Handshake parseFixed(ByteBuf packet) {
    int at = SrtPacket.payloadIndex(packet);
    return new Handshake(
        packet.getInt(at),
        packet.getUnsignedShort(at + 4),
        packet.getUnsignedShort(at + 6),
        packet.getInt(at + 8),
        packet.getInt(at + 12),
        packet.getInt(at + 16),
        packet.getInt(at + TYPE_OFFSET),
        packet.getInt(at + 24),
        packet.getInt(at + COOKIE_OFFSET),
        new PeerAddress(
            packet.getInt(at + 32),
            packet.getInt(at + 36),
            packet.getInt(at + 40),
            packet.getInt(at + 44)),
        List.of());
  }

  /**
   * Reads a complete handshake packet with its extensions. Borrows.
   *
   * @throws HandshakeException for extensions that are cut off, repeated, too many or malformed
   */
  public static Handshake parse(ByteBuf packet) throws HandshakeException {
    Handshake fixed = parseFixed(packet);
    return fixed.withExtensions(HandshakeExtension.parseAll(packet, BODY_BYTES));
  }

  public Handshake withExtensions(List<HandshakeExtension> list) {
    return new Handshake(
        version,
        encryption,
        extension,
        initialSequence,
        mtuBytes,
        flowWindowPackets,
        type,
        socketId,
        cookie,
        peerAddress,
        list);
  }

  /** Writes header, body and extensions. Borrows {@code out}. */
  public void write(ByteBuf out, int timestampUs, int destination) {
    SrtPacket.writeControl(out, ControlType.HANDSHAKE, 0, 0, timestampUs, destination);
    out.writeInt(version);
    out.writeShort(encryption);
    out.writeShort(extension);
    out.writeInt(initialSequence);
    out.writeInt(mtuBytes);
    out.writeInt(flowWindowPackets);
    out.writeInt(type);
    out.writeInt(socketId);
    out.writeInt(cookie);
    out.writeInt(peerAddress.word0());
    out.writeInt(peerAddress.word1());
    out.writeInt(peerAddress.word2());
    out.writeInt(peerAddress.word3());
    for (HandshakeExtension each : extensions) {
      each.write(out);
    }
  }

  /** The bits for the extension field that say what is in {@code list}. */
  public static int flagsFor(List<HandshakeExtension> list) {
    int flags = 0;
    for (HandshakeExtension each : list) {
      flags |=
          switch (each) {
            case HandshakeExtension.Capabilities _ -> HAS_HANDSHAKE;
            case HandshakeExtension.Keys _ -> HAS_KEYS;
            case HandshakeExtension.Text _, HandshakeExtension.Other _ -> HAS_CONFIGURATION;
          };
    }
    return flags;
  }

  /** Says that it was refused, and why: what a peer is sent back. */
  public Handshake rejected(int rejectCode) {
    return new Handshake(
        version,
        0,
        0,
        initialSequence,
        mtuBytes,
        flowWindowPackets,
        RejectCode.REQUEST_BASE + rejectCode,
        socketId,
        cookie,
        peerAddress,
        List.of());
  }
}
