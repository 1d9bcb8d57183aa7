package io.millrace.media.av1;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;

/**
 * A cursor over the OBUs of a buffer in the low-overhead format (AV1 specification §5.3). Nothing
 * is copied or allocated per OBU; a whole pass is linear in the bytes.
 *
 * <pre>
 *  1 forbidden 0 | 4 obu_type | 1 extension_flag | 1 has_size_field | 1 reserved
 * [3 temporal_id | 2 spatial_id | 3 reserved]
 * [leb128 obu_size]  payload
 * </pre>
 *
 * <p>Borrows the buffer from its reader index to its end and moves none of its indices; not
 * thread-safe.
 */
public final class Obus {
  /** obu_type, AV1 specification §6.2.2. */
  public static final int SEQUENCE_HEADER = 1;

  public static final int TEMPORAL_DELIMITER = 2;
  public static final int FRAME_HEADER = 3;
  public static final int TILE_GROUP = 4;
  public static final int METADATA = 5;
  public static final int FRAME = 6;
  public static final int REDUNDANT_FRAME_HEADER = 7;
  public static final int TILE_LIST = 8;
  public static final int PADDING = 15;

  private static final int LEB128_MAXIMUM_BYTES = 8;

  private final ByteBuf in;
  private final int end;
  private int position;
  private int offset;
  private int payloadOffset;
  private int payloadSizeBytes;
  private boolean hasSizeField;

  private Obus(ByteBuf in) {
    this.in = in;
    this.position = in.readerIndex();
    this.end = in.writerIndex();
  }

  /** Starts before the first OBU. */
  public static Obus of(ByteBuf in) {
    return new Obus(in);
  }

  /**
   * Moves to the next OBU; false at the end. An OBU without a size reaches to the end.
   *
   * @throws MediaFormatException if a header or size is broken or runs past the end of the buffer
   */
  public boolean next() {
    if (position == end) {
      return false;
    }
    offset = position;
    int header = in.getUnsignedByte(position++);
    if ((header & 0x80) != 0) {
      throw malformed("obu_forbidden_bit is set");
    }
    hasSizeField = (header & 0x02) != 0;
    if ((header & 0x04) != 0) {
      if (position == end) {
        throw malformed("ends inside an OBU header");
      }
      position++;
    }
    long size = hasSizeField ? leb128() : end - position;
    if (size > end - position) {
      throw malformed("OBU of " + size + " bytes where " + (end - position) + " are left");
    }
    payloadOffset = position;
    payloadSizeBytes = (int) size;
    position += payloadSizeBytes;
    return true;
  }

  /** leb128(), §4.10.5. */
  private long leb128() {
    long value = 0;
    for (int i = 0; i < LEB128_MAXIMUM_BYTES; i++) {
      if (position == end) {
        throw malformed("ends inside an OBU size");
      }
      int next = in.getUnsignedByte(position++);
      value |= (long) (next & 0x7F) << (7 * i);
      if ((next & 0x80) == 0) {
        if (value > 0xFFFF_FFFFL) {
          break;
        }
        return value;
      }
    }
    throw malformed("OBU size beyond 32 bits");
  }

  /** Appends {@code value} as leb128() in as few bytes as it takes. */
  static void writeLeb128(ByteBuf out, int value) {
    int rest = value;
    while (rest >>> 7 != 0) {
      out.writeByte((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  /** obu_type of the current OBU. */
  public int type() {
    return in.getByte(offset) >> 3 & 0x0F;
  }

  /** temporal_id and spatial_id, the extension's first five bits; 0 without an extension. */
  int layers() {
    return (in.getByte(offset) & 0x04) == 0 ? 0 : in.getUnsignedByte(offset + 1) >> 3;
  }

  /** Absolute index of the current OBU's header in the buffer. */
  public int offset() {
    return offset;
  }

  /** Size of the current OBU with header and size field. */
  public int sizeBytes() {
    return payloadOffset + payloadSizeBytes - offset;
  }

  /** Absolute index of the current OBU's payload in the buffer. */
  public int payloadOffset() {
    return payloadOffset;
  }

  public int payloadSizeBytes() {
    return payloadSizeBytes;
  }

  /** obu_has_size_field; only the last OBU of a buffer may lack it. */
  public boolean hasSizeField() {
    return hasSizeField;
  }

  /** A copy of the payload. */
  public byte[] copyPayload() {
    byte[] bytes = new byte[payloadSizeBytes];
    in.getBytes(payloadOffset, bytes);
    return bytes;
  }

  private static MediaFormatException malformed(String what) {
    return MediaFormatException.malformed("AV1 temporal unit: " + what);
  }
}
