package io.millrace.media.nal;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;

/**
 * A cursor over the NAL units of a buffer, in either framing. Nothing is copied or allocated per
 * unit, and a whole pass is linear in the bytes.
 *
 * <p>Borrows the buffer from its reader index to its end and moves none of its indices; not
 * thread-safe.
 */
public final class NalCursor {
  private static final int ANNEX_B = 0;

  private final String codec;
  private final ByteBuf in;
  private final int lengthSize;
  private final int end;
  private int position;
  private int offset;
  private int sizeBytes;

  private NalCursor(String codec, ByteBuf in, int lengthSize) {
    this.codec = codec;
    this.in = in;
    this.lengthSize = lengthSize;
    this.position = in.readerIndex();
    this.end = in.writerIndex();
  }

  /**
   * NAL units each behind its length (ISO/IEC 14496-15 §5.3.4.2, §8.3.2).
   *
   * @param codec for messages: "H.264"
   * @param lengthSize bytes of a length: 1, 2 or 4
   */
  public static NalCursor lengthPrefixed(String codec, ByteBuf in, int lengthSize) {
    checkLengthSize(lengthSize);
    return new NalCursor(codec, in, lengthSize);
  }

  /**
   * NAL units each behind a start code (ITU-T H.264 and H.265, Annex B). Bytes before the first
   * start code are skipped, trailing zeros belong to no unit.
   */
  public static NalCursor annexB(String codec, ByteBuf in) {
    NalCursor nals = new NalCursor(codec, in, ANNEX_B);
    nals.position = nals.afterStartCode(nals.position);
    return nals;
  }

  /**
   * @throws IllegalArgumentException for anything but 1, 2 and 4
   */
  public static void checkLengthSize(int lengthSize) {
    if (lengthSize != 1 && lengthSize != 2 && lengthSize != 4) {
      throw new IllegalArgumentException("a NAL length has 1, 2 or 4 bytes, not " + lengthSize);
    }
  }

  /**
   * Moves to the next unit; false at the end.
   *
   * @throws MediaFormatException if a length is zero or runs past the end of the buffer
   */
  public boolean next() {
    return lengthSize == ANNEX_B ? nextAnnexB() : nextLengthPrefixed();
  }

  /** First byte of the current unit, 0–255. */
  public int header() {
    return in.getUnsignedByte(offset);
  }

  /** First two bytes of the current unit, which has at least as many. */
  public int header16() {
    return in.getUnsignedShort(offset);
  }

  /** Absolute index of the current unit's first byte (its header) in the buffer. */
  public int offset() {
    return offset;
  }

  /** Size of the current unit with its header, at least 1. */
  public int sizeBytes() {
    return sizeBytes;
  }

  /** A copy of the current unit, emulation prevention bytes and all. */
  public byte[] copy() {
    byte[] bytes = new byte[sizeBytes];
    in.getBytes(offset, bytes);
    return bytes;
  }

  /** A complaint about the access unit. */
  public MediaFormatException malformed(String what) {
    return MediaFormatException.malformed(codec + " access unit: " + what);
  }

  private boolean nextLengthPrefixed() {
    if (position == end) {
      return false;
    }
    if (end - position < lengthSize) {
      throw malformed("ends inside a NAL length");
    }
    long size =
        switch (lengthSize) {
          case 1 -> in.getUnsignedByte(position);
          case 2 -> in.getUnsignedShort(position);
          default -> in.getUnsignedInt(position);
        };
    offset = position + lengthSize;
    if (size == 0) {
      throw malformed("NAL unit of no bytes");
    }
    if (size > end - offset) {
      throw malformed("NAL unit of " + size + " bytes where " + (end - offset) + " are left");
    }
    sizeBytes = (int) size;
    position = offset + sizeBytes;
    return true;
  }

  private boolean nextAnnexB() {
    while (position < end) {
      offset = position;
      position = afterStartCode(offset);
      int unitEnd = position < end || endsWithStartCode(position) ? position - 3 : end;
      while (unitEnd > offset && in.getByte(unitEnd - 1) == 0) {
        unitEnd--;
      }
      if (unitEnd > offset) {
        sizeBytes = unitEnd - offset;
        return true;
      }
    }
    return false;
  }

  /** Index behind the next 00 00 01 at or after {@code from}, or the end. */
  private int afterStartCode(int from) {
    for (int i = from; i + 2 < end; ) {
      if (i + Long.BYTES <= end) {
        long zeros = zeroBytes(in.getLong(i));
        if (zeros == 0) {
          i += Long.BYTES; // most of a picture: no start code begins here
          continue;
        }
        i += Long.numberOfLeadingZeros(zeros) / Byte.SIZE;
      }
      if (i + 2 >= end) {
        break;
      }
      int third = in.getUnsignedByte(i + 2);
      if (third > 1) {
        i += 3;
      } else if (third == 1 && in.getByte(i) == 0 && in.getByte(i + 1) == 0) {
        return i + 3;
      } else {
        i++;
      }
    }
    return end;
  }

  /**
   * The top bit of every byte that is zero, and of a byte of one before such a byte; the first bit
   * set is at or before the first zero byte.
   */
  private static long zeroBytes(long bytes) {
    return bytes - 0x0101_0101_0101_0101L & ~bytes & 0x8080_8080_8080_8080L;
  }

  private boolean endsWithStartCode(int index) {
    return index - offset >= 3
        && in.getByte(index - 1) == 1
        && in.getByte(index - 2) == 0
        && in.getByte(index - 3) == 0;
  }
}
