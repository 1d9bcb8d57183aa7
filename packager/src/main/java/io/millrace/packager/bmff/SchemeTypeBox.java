package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code schm} (ISO/IEC 14496-12 §8.12.5).
 *
 * @param scheme {@code cenc} or {@code cbcs}, of version 1.0 (ISO/IEC 23001-7 §4.1)
 */
public record SchemeTypeBox(String scheme) implements Box {
  private static final int VERSION = 0x0001_0000;

  @Override
  public String type() {
    return "schm";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 8;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    Fields.fourCc(out, scheme);
    out.putInt(VERSION);
  }

  static SchemeTypeBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    return new SchemeTypeBox(Fields.fourCc(in));
  }
}
