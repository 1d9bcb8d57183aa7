package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/** {@code vmhd} (ISO/IEC 14496-12 §12.1.2): copy mode, no operation colour. */
public record VideoMediaHeaderBox() implements Box {
  @Override
  public String type() {
    return "vmhd";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 8;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 1);
    Fields.zeros(out, 8);
  }
}
