package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code frma} (ISO/IEC 14496-12 §8.12.2).
 *
 * @param format the sample entry's type without encryption
 */
public record OriginalFormatBox(String format) implements Box {
  @Override
  public String type() {
    return "frma";
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + 4;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    Fields.fourCc(out, format);
  }

  static OriginalFormatBox read(ByteBuffer in) {
    return new OriginalFormatBox(Fields.fourCc(in));
  }
}
