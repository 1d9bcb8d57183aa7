package io.millrace.packager.bmff;

import io.millrace.media.Colour;
import java.nio.ByteBuffer;

/** {@code colr} of type {@code nclx} (ISO/IEC 14496-12 §12.1.5): colour by code points. */
public record ColourBox(Colour colour) implements Box {
  @Override
  public String type() {
    return "colr";
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + 11;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    Fields.fourCc(out, "nclx");
    out.putShort((short) colour.primaries());
    out.putShort((short) colour.transfer());
    out.putShort((short) colour.matrix());
    out.put((byte) (colour.fullRange() ? 0x80 : 0));
  }

  static ColourBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    return new ColourBox(
        new Colour(
            in.getShort() & 0xFFFF, in.getShort() & 0xFFFF, in.getShort() & 0xFFFF, in.get() < 0));
  }
}
