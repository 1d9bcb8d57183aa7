package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The header of a PES packet (ISO/IEC 13818-1 §2.4.3.6).
 *
 * <pre>
 *  24 start code 000001 | 8 stream_id | 16 PES_packet_length (0: until the next one; video only)
 *  stream ids with a header:
 *   2 '10' | 2 scrambling | 1 priority | 1 data_alignment | 2 copyright, original
 *   2 PTS_DTS_flags | 6 other flags | 8 PES_header_data_length
 *  [40 PTS [40 DTS]] ... stuffing        each: 4 prefix | 3 | 1 | 15 | 1 | 15 | 1
 * </pre>
 *
 * @param pts presentation time in 90 kHz, 33 bits; {@link #NO_TIME} without
 * @param dts decoding time likewise; equals {@code pts} where only that is sent
 * @param sizeBytes of the header, before the payload
 * @param packetSizeBytes of header and payload; 0 when it lasts until the next one
 */
record PesHeader(
    int streamId,
    boolean scrambled,
    boolean aligned,
    long pts,
    long dts,
    int sizeBytes,
    int packetSizeBytes) {
  static final long NO_TIME = -1;
  static final int TIME_BITS = 33;
  static final long TIME_MASK = (1L << TIME_BITS) - 1;

  static final int FIRST_AUDIO = 0xC0;
  static final int FIRST_VIDEO = 0xE0;
  static final int PRIVATE_STREAM_1 = 0xBD;

  private static final int START_CODE = 1;
  private static final int PREFIX_BYTES = 6;
  private static final int FIXED_BYTES = 9;

  /** False for padding, tables and other packets that carry no elementary stream. */
  boolean carriesMedia() {
    return hasFields(streamId);
  }

  /** What {@link #sizeBytes(ByteBuf, int, int)} says of bytes that are no PES packet. */
  static final int NOT_PES = -1;

  /** What it says when more bytes are needed to tell. */
  static final int INCOMPLETE = 0;

  /**
   * Size of the header at an absolute index, {@link #INCOMPLETE} or {@link #NOT_PES}. Borrows.
   *
   * @param available bytes from there
   */
  static int sizeBytes(ByteBuf in, int index, int available) {
    if (available >= 3 && in.getUnsignedMedium(index) != START_CODE) {
      return NOT_PES;
    }
    if (available < PREFIX_BYTES) {
      return INCOMPLETE;
    }
    if (!hasFields(in.getUnsignedByte(index + 3))) {
      return PREFIX_BYTES;
    }
    if (available < FIXED_BYTES) {
      return INCOMPLETE;
    }
    int sizeBytes = FIXED_BYTES + in.getUnsignedByte(index + 8);
    return available < sizeBytes ? INCOMPLETE : sizeBytes;
  }

  /** Stream ids whose packets are bare bytes (Table 2-22 and the condition in Table 2-21). */
  private static boolean hasFields(int streamId) {
    return switch (streamId) {
      case 0xBC, 0xBE, 0xBF, 0xF0, 0xF1, 0xF2, 0xF8, 0xFF -> false;
      default -> true;
    };
  }

  /**
   * Reads the header at an absolute index where {@link #sizeBytes(ByteBuf, int, int)} is positive;
   * null when its fields contradict the standard. Borrows.
   */
  static @Nullable PesHeader parse(ByteBuf in, int index) {
    int streamId = in.getUnsignedByte(index + 3);
    int length = in.getUnsignedShort(index + 4);
    int packetSizeBytes = length == 0 ? 0 : PREFIX_BYTES + length;
    if (!hasFields(streamId)) {
      return new PesHeader(streamId, false, false, NO_TIME, NO_TIME, PREFIX_BYTES, packetSizeBytes);
    }
    int first = in.getUnsignedByte(index + 6);
    int timeFlags = in.getUnsignedByte(index + 7) >> 6;
    int sizeBytes = FIXED_BYTES + in.getUnsignedByte(index + 8);
    boolean room = sizeBytes >= FIXED_BYTES + (timeFlags == 3 ? 10 : timeFlags == 2 ? 5 : 0);
    if (first >> 6 != 2
        || timeFlags == 1
        || !room
        || (length != 0 && packetSizeBytes < sizeBytes)) {
      return null;
    }
    long pts = NO_TIME;
    long dts = NO_TIME;
    if (timeFlags >= 2) {
      pts = time(in, index + FIXED_BYTES);
      dts = timeFlags == 3 ? time(in, index + FIXED_BYTES + 5) : pts;
      if (pts == NO_TIME || dts == NO_TIME) {
        return null;
      }
    }
    return new PesHeader(
        streamId, (first & 0x30) != 0, (first & 0x04) != 0, pts, dts, sizeBytes, packetSizeBytes);
  }

  private static long time(ByteBuf in, int index) {
    int high = in.getUnsignedByte(index);
    int middle = in.getUnsignedShort(index + 1);
    int low = in.getUnsignedShort(index + 3);
    if ((high & middle & low & 1) == 0) {
      return NO_TIME; // a marker bit is missing
    }
    return (long) (high >> 1 & 7) << 30 | (long) (middle >> 1) << 15 | low >> 1;
  }

  /**
   * Appends the header of a packet with {@code payloadSizeBytes} behind it. A video packet too
   * large for the length field is written without.
   *
   * @param pts in 90 kHz; only the low 33 bits count
   * @param dts likewise; left out where it equals {@code pts}
   */
  static void write(ByteBuf out, int streamId, long pts, long dts, int payloadSizeBytes) {
    long shown = pts & TIME_MASK;
    long decoded = dts & TIME_MASK;
    int timeBytes = shown == decoded ? 5 : 10;
    int length = FIXED_BYTES - PREFIX_BYTES + timeBytes + payloadSizeBytes;
    out.writeMedium(START_CODE).writeByte(streamId).writeShort(length > 0xFFFF ? 0 : length);
    out.writeByte(0x84).writeByte(timeBytes == 5 ? 0x80 : 0xC0).writeByte(timeBytes);
    writeTime(out, timeBytes == 5 ? 2 : 3, shown);
    if (timeBytes == 10) {
      writeTime(out, 1, decoded);
    }
  }

  private static void writeTime(ByteBuf out, int prefix, long time) {
    out.writeByte(prefix << 4 | (int) (time >> 29 & 0xE) | 1);
    out.writeShort((int) (time >> 14) | 1);
    out.writeShort((int) (time << 1) | 1);
  }
}
