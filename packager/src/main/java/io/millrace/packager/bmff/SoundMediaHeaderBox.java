package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/** {@code smhd} (ISO/IEC 14496-12 §12.2.2): balance in the centre. */
public record SoundMediaHeaderBox() implements Box {
  @Override
  public String type() {
    return "smhd";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 4;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    Fields.zeros(out, 4);
  }
}
