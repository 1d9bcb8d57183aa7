package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;

/**
 * Acknowledgements (draft-sharabayko-srt-01 §3.2.4, §3.2.8).
 *
 * <pre>
 *  ACK:     header, info = ACK number (0 in a light one)
 *           last acknowledged sequence number (exclusive: the next one expected)
 *           RTT µs | RTT variance µs | free buffer packets | packets/s | link packets/s | bytes/s
 *  ACKACK:  header, info = ACK number
 * </pre>
 *
 * A light ACK has the first word only, a small one the first four.
 */
public final class AckPacket {
  private static final int LIGHT_WORDS = 1;
  private static final int SMALL_WORDS = 4;
  private static final int FULL_WORDS = 7;

  private AckPacket() {}

  /** Whether the body is long enough for the light form; the other fields depend on the length. */
  public static boolean isValid(ByteBuf packet) {
    return words(packet) >= LIGHT_WORDS;
  }

  /** Whether the ACK carries a round trip time and free buffer. */
  public static boolean isSmall(ByteBuf packet) {
    return words(packet) >= SMALL_WORDS;
  }

  /** Whether the ACK carries rates as well. */
  public static boolean isFull(ByteBuf packet) {
    return words(packet) >= FULL_WORDS;
  }

  /** To be sent back in an ACKACK; 0 in a light ACK, which wants none. */
  public static int number(ByteBuf packet) {
    return SrtPacket.info(packet);
  }

  /** Everything before this was received. The top bit is not checked by senders: masked here. */
  public static int acknowledged(ByteBuf packet) {
    return word(packet, 0) & SequenceNumber.MAX;
  }

  /** Of a small or full ACK. Unsigned, so an absurd one is large and not negative. */
  public static long rttUs(ByteBuf packet) {
    return word(packet, 1) & 0xFFFF_FFFFL;
  }

  /** Of a small or full ACK. */
  public static long rttVarianceUs(ByteBuf packet) {
    return word(packet, 2) & 0xFFFF_FFFFL;
  }

  /** Of a small or full ACK: packets that the receiver has room for. */
  public static long freeBufferPackets(ByteBuf packet) {
    return word(packet, 3) & 0xFFFF_FFFFL;
  }

  /** Of a full ACK. */
  public static long receivedPacketsPerSecond(ByteBuf packet) {
    return word(packet, 4) & 0xFFFF_FFFFL;
  }

  /** Of a full ACK. */
  public static long linkPacketsPerSecond(ByteBuf packet) {
    return word(packet, 5) & 0xFFFF_FFFFL;
  }

  /** Of a full ACK. */
  public static long receivedBytesPerSecond(ByteBuf packet) {
    return word(packet, 6) & 0xFFFF_FFFFL;
  }

  /** Borrows {@code out}. */
  public static void writeLight(ByteBuf out, int acknowledged, int timestampUs, int destination) {
    SrtPacket.writeControl(out, ControlType.ACK, 0, 0, timestampUs, destination);
    out.writeInt(acknowledged);
  }

  /** Borrows {@code out}. */
  public static void writeFull(
      ByteBuf out,
      int number,
      int acknowledged,
      int rttUs,
      int rttVarianceUs,
      int freeBufferPackets,
      int receivedPacketsPerSecond,
      int linkPacketsPerSecond,
      int receivedBytesPerSecond,
      int timestampUs,
      int destination) {
    SrtPacket.writeControl(out, ControlType.ACK, 0, number, timestampUs, destination);
    out.writeInt(acknowledged);
    out.writeInt(rttUs);
    out.writeInt(rttVarianceUs);
    out.writeInt(freeBufferPackets);
    out.writeInt(receivedPacketsPerSecond);
    out.writeInt(linkPacketsPerSecond);
    out.writeInt(receivedBytesPerSecond);
  }

  /** Borrows {@code out}. */
  public static void writeAckAck(ByteBuf out, int number, int timestampUs, int destination) {
    SrtPacket.writeControl(out, ControlType.ACK_ACK, 0, number, timestampUs, destination);
    out.writeInt(0);
  }

  private static int words(ByteBuf packet) {
    return SrtPacket.payloadBytes(packet) / Integer.BYTES;
  }

  private static int word(ByteBuf packet, int word) {
    return packet.getInt(SrtPacket.payloadIndex(packet) + word * Integer.BYTES);
  }
}
