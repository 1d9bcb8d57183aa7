package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code mdat} (ISO/IEC 14496-12 §8.1.1).
 *
 * @param data the samples' bytes; shared, read-only
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record MediaDataBox(byte[] data) implements Box {
  @Override
  public String type() {
    return "mdat";
  }

  @Override
  public int sizeBytes() {
    return Math.addExact(HEADER_BYTES, data.length);
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    out.put(data);
  }

  static MediaDataBox read(ByteBuffer in) {
    byte[] data = new byte[in.remaining()];
    in.get(data);
    return new MediaDataBox(data);
  }

  @Override
  public String toString() {
    return "MediaDataBox[" + data.length + " bytes]";
  }
}
