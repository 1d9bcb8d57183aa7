package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;

/**
 * The header of every SRT packet (draft-sharabayko-srt-01 §3).
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |0|                   packet sequence number                    |  data (§3.1)
 *  |P P|O|K K|R|                message number                     |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |1|          type               |            subtype            |  control (§3.2)
 *  |                   type-specific information                   |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |             timestamp, µs since the sender's start            |  both
 *  |                   destination socket id                       |
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * All accessors borrow the packet, want at least {@link #HEADER_BYTES} readable bytes and allocate
 * nothing.
 */
public final class SrtPacket {
  public static final int HEADER_BYTES = 16;

  /** IPv4 and UDP headers, which the negotiated MTU includes (§3.2.1). */
  public static final int UDP_HEADER_BYTES = 28;

  /** Packet position flags of a packet that is a whole message: all there is in live mode. */
  public static final int POSITION_SOLO = 0b11;

  /** KK: not encrypted. */
  public static final int KEY_NONE = 0b00;

  /** KK: encrypted with the even key. */
  public static final int KEY_EVEN = 0b01;

  /** KK: encrypted with the odd key. */
  public static final int KEY_ODD = 0b10;

  /** KK of control packets only: both keys. */
  public static final int KEY_BOTH = 0b11;

  public static final int MAX_MESSAGE_NUMBER = 0x03FF_FFFF;

  private static final int CONTROL = 0x8000_0000;
  private static final int ORDER = 1 << 29;
  private static final int RETRANSMITTED = 1 << 26;
  private static final int KEY_SHIFT = 27;
  private static final int POSITION_SHIFT = 30;

  private SrtPacket() {}

  /** Whether the datagram has a whole header; nothing else here may be asked when it has not. */
  public static boolean isPacket(ByteBuf packet) {
    return packet.readableBytes() >= HEADER_BYTES;
  }

  public static boolean isControl(ByteBuf packet) {
    return packet.getInt(packet.readerIndex()) < 0;
  }

  /** Of a control packet: one of {@link ControlType}, or something unknown. */
  public static int type(ByteBuf packet) {
    return packet.getUnsignedShort(packet.readerIndex()) & 0x7FFF;
  }

  /** Of a control packet. */
  public static int subtype(ByteBuf packet) {
    return packet.getUnsignedShort(packet.readerIndex() + 2);
  }

  /** Of a control packet: the type-specific information, such as an ACK's number. */
  public static int info(ByteBuf packet) {
    return packet.getInt(packet.readerIndex() + 4);
  }

  /** Of a data packet. */
  public static int sequence(ByteBuf packet) {
    return packet.getInt(packet.readerIndex()) & SequenceNumber.MAX;
  }

  /** PP of a data packet: first 0b10, middle 0b00, last 0b01 or {@link #POSITION_SOLO}. */
  public static int position(ByteBuf packet) {
    return packet.getInt(packet.readerIndex() + 4) >>> POSITION_SHIFT;
  }

  /** O of a data packet. */
  public static boolean isOrdered(ByteBuf packet) {
    return (packet.getInt(packet.readerIndex() + 4) & ORDER) != 0;
  }

  /** KK of a data packet. */
  public static int keyFlags(ByteBuf packet) {
    return (packet.getInt(packet.readerIndex() + 4) >>> KEY_SHIFT) & KEY_BOTH;
  }

  /** R of a data packet. */
  public static boolean isRetransmitted(ByteBuf packet) {
    return (packet.getInt(packet.readerIndex() + 4) & RETRANSMITTED) != 0;
  }

  public static int messageNumber(ByteBuf packet) {
    return packet.getInt(packet.readerIndex() + 4) & MAX_MESSAGE_NUMBER;
  }

  /** Microseconds since the sender's start, as an unsigned 32-bit number that wraps. */
  public static long timestampUs(ByteBuf packet) {
    return packet.getUnsignedInt(packet.readerIndex() + 8);
  }

  /** The socket id that the packet is for; 0 in the first packets of a caller. */
  public static int destination(ByteBuf packet) {
    return packet.getInt(packet.readerIndex() + 12);
  }

  /** Index in the buffer of the first byte behind the header. */
  public static int payloadIndex(ByteBuf packet) {
    return packet.readerIndex() + HEADER_BYTES;
  }

  public static int payloadBytes(ByteBuf packet) {
    return packet.readableBytes() - HEADER_BYTES;
  }

  /** Says in a data packet that is there already that it is sent again. */
  public static void markRetransmitted(ByteBuf packet) {
    int index = packet.readerIndex() + 4;
    packet.setInt(index, packet.getInt(index) | RETRANSMITTED);
  }

  /** Sets KK of a data packet that is there already. */
  public static void setKeyFlags(ByteBuf packet, int keyFlags) {
    int index = packet.readerIndex() + 4;
    packet.setInt(
        index, (packet.getInt(index) & ~(KEY_BOTH << KEY_SHIFT)) | (keyFlags << KEY_SHIFT));
  }

  /** Writes the header of a whole, ordered message that is not encrypted. Borrows {@code out}. */
  public static void writeData(
      ByteBuf out, int sequence, int messageNumber, int timestampUs, int destination) {
    out.writeInt(sequence & SequenceNumber.MAX);
    out.writeInt((POSITION_SOLO << POSITION_SHIFT) | ORDER | (messageNumber & MAX_MESSAGE_NUMBER));
    out.writeInt(timestampUs);
    out.writeInt(destination);
  }

  /** Writes a control packet's header. Borrows {@code out}. */
  public static void writeControl(
      ByteBuf out, int type, int subtype, int info, int timestampUs, int destination) {
    out.writeInt(CONTROL | (type << 16) | subtype);
    out.writeInt(info);
    out.writeInt(timestampUs);
    out.writeInt(destination);
  }

  /** A control packet without a body: keep-alive, shutdown, congestion warning. */
  public static void writeEmptyControl(ByteBuf out, int type, int timestampUs, int destination) {
    writeControl(out, type, 0, 0, timestampUs, destination);
    out.writeInt(0); // libsrt pads an empty body with one word, and old ones expect it
  }
}
