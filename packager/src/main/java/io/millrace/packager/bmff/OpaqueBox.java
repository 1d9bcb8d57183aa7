package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * A box that {@link BoxReader} has no record for, or that is written in a way its record does not
 * cover; kept byte for byte.
 *
 * @param content everything behind size and type; shared, read-only
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record OpaqueBox(String type, byte[] content) implements Box {
  private static final int SHOWN_BYTES = 64;

  @Override
  public int sizeBytes() {
    return Math.addExact(HEADER_BYTES, content.length);
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    out.put(content);
  }

  static OpaqueBox read(String type, ByteBuffer in) {
    byte[] content = new byte[in.remaining()];
    in.get(content);
    return new OpaqueBox(type, content);
  }

  @Override
  public String toString() {
    int shown = Math.min(SHOWN_BYTES, content.length);
    return "OpaqueBox["
        + type
        + " "
        + content.length
        + " bytes "
        + HexFormat.of().formatHex(content, 0, shown)
        + (shown < content.length ? "…" : "")
        + "]";
  }
}
