package io.millrace.packager.dvr;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A record of an index: its length, a checksum, its content.
 *
 * <pre>
 *  0        4         8      9
 *  ┌────────┬─────────┬──────┬───────────┐
 *  │ length │ CRC-32C │ kind │ fields …  │   length and checksum count kind and fields
 *  └────────┴─────────┴──────┴───────────┘
 * </pre>
 *
 * <p>Written with one call behind what it describes. A process that is killed leaves whole records,
 * or at worst a torn last one, which the checksum tells.
 */
final class Frame {
  static final int HEADER_BYTES = 8;
  private static final int MAX_CONTENT_BYTES = 1 << 20;

  private Frame() {}

  /** A frame around {@code content}, from its start to its position. */
  static ByteBuffer of(ByteBuffer content) {
    ByteBuffer fields = content.flip();
    if (fields.remaining() > MAX_CONTENT_BYTES) {
      throw new IllegalArgumentException("record of " + fields.remaining() + " bytes");
    }
    ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + fields.remaining());
    frame.putInt(fields.remaining()).putInt(crc(fields.duplicate())).put(fields);
    return frame.flip();
  }

  /**
   * The content of the frame at the position, which is moved behind it; null, and the position
   * stays, where there is no whole and right one.
   */
  static @Nullable ByteBuffer read(ByteBuffer in) {
    if (in.remaining() < HEADER_BYTES) {
      return null;
    }
    int start = in.position();
    int length = in.getInt(start);
    if (length <= 0 || length > MAX_CONTENT_BYTES || length > in.remaining() - HEADER_BYTES) {
      return null;
    }
    ByteBuffer content = in.slice(start + HEADER_BYTES, length);
    if (crc(content.duplicate()) != in.getInt(start + 4)) {
      return null;
    }
    in.position(start + HEADER_BYTES + length);
    return content;
  }

  static int crc(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
