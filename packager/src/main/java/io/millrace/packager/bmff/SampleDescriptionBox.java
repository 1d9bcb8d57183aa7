package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code stsd} with one sample entry (ISO/IEC 14496-12 §8.5.2; one by ISO/IEC 23000-19 §7.5.10).
 */
public record SampleDescriptionBox(Box entry) implements Box {
  @Override
  public String type() {
    return "stsd";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 4 + entry.sizeBytes();
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    out.putInt(1);
    entry.write(out);
  }
}
