package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * One transport packet (ISO/IEC 13818-1 §2.4.3.2–2.4.3.5): a cursor that is set on a packet, and
 * the way to write one.
 *
 * <pre>
 *   8 sync_byte 0x47 | 1 transport_error | 1 payload_unit_start | 1 priority | 13 PID
 *   2 scrambling | 2 adaptation_field_control | 4 continuity_counter
 *  [8 length [1 discontinuity | 1 random_access | 1 ES priority | 1 PCR | 4 other flags
 *             [33 PCR base | 6 reserved | 9 PCR extension] ... stuffing 0xFF]]
 *   payload, up to 184 bytes
 * </pre>
 *
 * Borrows the buffer it is set on until it is set on the next one; not thread-safe.
 */
final class TsPacket {
  static final int SIZE_BYTES = 188;
  static final int SYNC = 0x47;
  static final int HEADER_SIZE_BYTES = 4;
  static final int MAXIMUM_PAYLOAD_BYTES = SIZE_BYTES - HEADER_SIZE_BYTES;

  static final int PID_PAT = 0;

  /** PIDs from 0x0010 to 0x1FFE are free to use (Table 2-3). */
  static final int FIRST_FREE_PID = 0x10;

  static final int PID_NULL = 0x1FFF;

  /** No PCR here. */
  static final long NO_PCR = -1;

  private static final int PCR_FIELD_BYTES = 6;
  private static final int DISCONTINUITY = 0x80;
  private static final int RANDOM_ACCESS = 0x40;
  private static final int HAS_PCR = 0x10;

  private ByteBuf in = Unpooled.EMPTY_BUFFER;
  private int header;
  private int payloadIndex;
  private int payloadSizeBytes;
  private int flags;
  private long pcr;

  /**
   * Sets the cursor on the 188 bytes at {@code index}.
   *
   * @return false when the sync byte or the adaptation field cannot be; the cursor is useless then
   */
  boolean read(ByteBuf buffer, int index) {
    in = buffer;
    header = buffer.getInt(index);
    payloadIndex = index + HEADER_SIZE_BYTES;
    payloadSizeBytes = 0;
    flags = 0;
    pcr = NO_PCR;
    if (header >>> 24 != SYNC) {
      return false;
    }
    if ((header & 0x20) != 0 && !readAdaptation(index)) {
      return false;
    }
    if ((header & 0x10) != 0) {
      payloadSizeBytes = index + SIZE_BYTES - payloadIndex;
    }
    return (header & 0x30) != 0; // adaptation_field_control 0 is reserved
  }

  private boolean readAdaptation(int index) {
    int sizeBytes = in.getUnsignedByte(payloadIndex);
    if (sizeBytes > MAXIMUM_PAYLOAD_BYTES - 1) {
      return false;
    }
    if (sizeBytes > 0) {
      flags = in.getUnsignedByte(payloadIndex + 1);
      if ((flags & HAS_PCR) != 0) {
        if (sizeBytes < 1 + PCR_FIELD_BYTES) {
          return false;
        }
        long base = in.getUnsignedInt(payloadIndex + 2) << 1;
        int tail = in.getUnsignedShort(payloadIndex + 6);
        pcr = (base | tail >>> 15) * 300 + (tail & 0x1FF);
      }
    }
    payloadIndex = index + HEADER_SIZE_BYTES + 1 + sizeBytes;
    return true;
  }

  /** transport_error_indicator: the packet was damaged on its way. */
  boolean error() {
    return (header & 0x80_0000) != 0;
  }

  boolean unitStart() {
    return (header & 0x40_0000) != 0;
  }

  int pid() {
    return header >>> 8 & 0x1FFF;
  }

  boolean scrambled() {
    return (header & 0xC0) != 0;
  }

  boolean hasPayload() {
    return (header & 0x10) != 0;
  }

  /** continuity_counter, 0–15. */
  int counter() {
    return header & 0xF;
  }

  boolean discontinuity() {
    return (flags & DISCONTINUITY) != 0;
  }

  boolean randomAccess() {
    return (flags & RANDOM_ACCESS) != 0;
  }

  /** Program clock reference in ticks of 27 MHz, or {@link #NO_PCR}. */
  long pcr() {
    return pcr;
  }

  ByteBuf buffer() {
    return in;
  }

  /** Absolute index of the payload in {@link #buffer}. */
  int payloadIndex() {
    return payloadIndex;
  }

  /** May be zero. */
  int payloadSizeBytes() {
    return payloadSizeBytes;
  }

  /** A number that differs for different payloads, but for a chance of about 2⁻⁶⁴. */
  long fingerprint() {
    int end = payloadIndex + payloadSizeBytes;
    long sum = payloadSizeBytes;
    for (int i = payloadIndex; i + 8 <= end; i += 8) {
      sum = (Long.rotateLeft(sum, 5) ^ in.getLong(i)) * 0x9E37_79B9_7F4A_7C15L;
    }
    for (int i = end - (payloadSizeBytes & 7); i < end; i++) {
      sum = sum * 31 + in.getByte(i);
    }
    return sum;
  }

  /** What the head of a written packet says. {@code pcr} in ticks of 27 MHz, or {@link #NO_PCR}. */
  record Head(int pid, boolean unitStart, boolean randomAccess, boolean discontinuity, long pcr) {
    static Head of(int pid, boolean unitStart) {
      return new Head(pid, unitStart, false, false, NO_PCR);
    }
  }

  /**
   * Appends one packet with as much of {@code payload} as fits, stuffed to 188 bytes; its reader
   * index moves by what was taken.
   *
   * @param counter continuity counter of this packet; only its low four bits count
   */
  static void write(ByteBuf out, Head head, int counter, ByteBuf payload) {
    boolean pcr = head.pcr != NO_PCR;
    boolean flagged = pcr || head.randomAccess || head.discontinuity;
    int wantedBytes = flagged ? 2 + (pcr ? PCR_FIELD_BYTES : 0) : 0;
    int taken = Math.min(payload.readableBytes(), MAXIMUM_PAYLOAD_BYTES - wantedBytes);
    int adaptationBytes = MAXIMUM_PAYLOAD_BYTES - taken;
    out.writeByte(SYNC).writeShort((head.unitStart ? 0x4000 : 0) | head.pid);
    out.writeByte((adaptationBytes > 0 ? 0x20 : 0) | (taken > 0 ? 0x10 : 0) | counter & 0xF);
    if (adaptationBytes > 0) {
      out.writeByte(adaptationBytes - 1);
      if (adaptationBytes > 1) {
        out.writeByte(
            (head.discontinuity ? DISCONTINUITY : 0)
                | (head.randomAccess ? RANDOM_ACCESS : 0)
                | (pcr ? HAS_PCR : 0));
        if (pcr) {
          long base = head.pcr / 300 & PesHeader.TIME_MASK;
          out.writeInt((int) (base >>> 1));
          out.writeShort((int) (base & 1) << 15 | 0x7E00 | (int) (head.pcr % 300));
        }
        for (int i = adaptationBytes - Math.max(2, wantedBytes); i > 0; i--) {
          out.writeByte(0xFF);
        }
      }
    }
    out.writeBytes(payload, taken);
  }
}
