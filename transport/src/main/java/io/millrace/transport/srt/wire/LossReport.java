package io.millrace.transport.srt.wire;

import io.netty.buffer.ByteBuf;

/**
 * The body of a NAK: lost packets as single numbers and ranges (draft-sharabayko-srt-01 §3.2.5,
 * Appendix A).
 *
 * <pre>
 *  |0|            lost sequence number             |   one packet
 *  |1|         first lost sequence number          |   a range, both ends included
 *  |0|          last lost sequence number          |
 * </pre>
 */
public final class LossReport {
  private static final int RANGE = 0x8000_0000;

  /** Takes the ranges of a report. */
  @FunctionalInterface
  public interface Ranges {
    /**
     * @param first inside the window that the reader was given
     * @param last not before {@code first}, inside the window
     */
    void range(int first, int last);
  }

  private LossReport() {}

  /**
   * Hands every range of a NAK to {@code ranges}, cut to the packets that can be sent again.
   * Borrows the packet; allocates nothing.
   *
   * <p>A range that is turned round, that names a packet never sent, or whose second number is
   * missing is never handed on. A range wholly before the window is passed over: its packets were
   * acknowledged or dropped meanwhile.
   *
   * @param oldest first packet that is still held
   * @param newest last packet ever sent; the window is empty when it is just before {@code oldest}
   * @return entries that no honest receiver sends
   */
  public static int forEach(ByteBuf packet, int oldest, int newest, Ranges ranges) {
    int index = SrtPacket.payloadIndex(packet);
    int end = packet.writerIndex();
    int refused = 0;
    while (end - index >= Integer.BYTES) {
      int first = packet.getInt(index);
      index += Integer.BYTES;
      int last = first;
      if (first < 0) {
        first &= SequenceNumber.MAX;
        if (end - index < Integer.BYTES) {
          return refused + 1;
        }
        last = packet.getInt(index);
        index += Integer.BYTES;
      }
      if (last < 0
          || SequenceNumber.isBefore(last, first)
          || SequenceNumber.isBefore(newest, last)) {
        refused++;
      } else if (!SequenceNumber.isBefore(last, oldest)) {
        ranges.range(SequenceNumber.isBefore(first, oldest) ? oldest : first, last);
      }
    }
    return refused;
  }

  /** Writes the header of a NAK; ranges follow. Borrows {@code out}. */
  public static void writeHeader(ByteBuf out, int timestampUs, int destination) {
    SrtPacket.writeControl(out, ControlType.NAK, 0, 0, timestampUs, destination);
  }

  /** Writes one range, 4 or 8 bytes. Borrows {@code out}. */
  public static void writeRange(ByteBuf out, int first, int last) {
    if (first == last) {
      out.writeInt(first);
    } else {
      out.writeInt(first | RANGE);
      out.writeInt(last);
    }
  }
}
