package io.millrace.packager.bmff;

import io.millrace.media.Colour;
import java.nio.ByteBuffer;

/**
 * {@code colr} of type {@code nclx} (ISO/IEC 14496-12 §12.1.5): colour by code points of ISO/IEC
 * 23091-2.
 */
public record ColourBox(int primaries, int transfer, int matrix, boolean fullRange) implements Box {
  public static ColourBox of(Colour colour) {
    return new ColourBox(
        colour.primaries(), colour.transfer(), colour.matrix(), colour.fullRange());
  }

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
    out.putShort((short) primaries).putShort((short) transfer).putShort((short) matrix);
    out.put((byte) (fullRange ? 0x80 : 0));
  }

  static ColourBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    return new ColourBox(
        in.getShort() & 0xFFFF, in.getShort() & 0xFFFF, in.getShort() & 0xFFFF, in.get() < 0);
  }
}
