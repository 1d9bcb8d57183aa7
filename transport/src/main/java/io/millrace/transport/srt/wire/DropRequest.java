package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;

/**
 * A sender's word that it will not send packets again (draft-sharabayko-srt-01 §3.2.9).
 *
 * <pre>
 *  header, info = message number (0: not known)
 *  first sequence number | last sequence number, both included
 * </pre>
 */
public final class DropRequest {
  private static final int BODY_BYTES = 2 * Integer.BYTES;

  private DropRequest() {}

  /** Whether both numbers are there, are sequence numbers and are not turned round. */
  public static boolean isValid(ByteBuf packet) {
    return SrtPacket.payloadBytes(packet) >= BODY_BYTES
        && rawFirst(packet) >= 0
        && rawLast(packet) >= 0
        && !SequenceNumber.isBefore(rawLast(packet), rawFirst(packet));
  }

  /** Of a valid one. It may lie anywhere: the receiver compares it with its window. */
  public static int first(ByteBuf packet) {
    return rawFirst(packet);
  }

  /** Of a valid one. */
  public static int last(ByteBuf packet) {
    return rawLast(packet);
  }

  /** Borrows {@code out}. */
  public static void write(
      ByteBuf out, int messageNumber, int first, int last, int timestampUs, int destination) {
    SrtPacket.writeControl(
        out, ControlType.DROP_REQUEST, 0, messageNumber, timestampUs, destination);
    out.writeInt(first);
    out.writeInt(last);
  }

  private static int rawFirst(ByteBuf packet) {
    return packet.getInt(SrtPacket.payloadIndex(packet));
  }

  private static int rawLast(ByteBuf packet) {
    return packet.getInt(SrtPacket.payloadIndex(packet) + Integer.BYTES);
  }
}
