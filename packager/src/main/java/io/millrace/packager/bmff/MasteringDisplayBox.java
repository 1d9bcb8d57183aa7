package io.millrace.packager.bmff;

import io.millrace.media.Hdr.MasteringDisplay;
import java.nio.ByteBuffer;

/**
 * {@code mdcv} (ISO/IEC 14496-12 §12.1.7): the display that a picture was graded on (SMPTE ST
 * 2086).
 *
 * <pre>
 *  green x y   blue x y   red x y   white x y     2 bytes each, counting 0.00002
 *  max luminance   min luminance                  4 bytes each, counting 0.0001 cd/m²
 * </pre>
 */
public record MasteringDisplayBox(MasteringDisplay display) implements Box {
  @Override
  public String type() {
    return "mdcv";
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + 24;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    out.putShort((short) display.greenX()).putShort((short) display.greenY());
    out.putShort((short) display.blueX()).putShort((short) display.blueY());
    out.putShort((short) display.redX()).putShort((short) display.redY());
    out.putShort((short) display.whiteX()).putShort((short) display.whiteY());
    out.putInt((int) display.maxLuminance()).putInt((int) display.minLuminance());
  }

  static MasteringDisplayBox read(ByteBuffer in) {
    int greenX = in.getShort() & 0xFFFF;
    int greenY = in.getShort() & 0xFFFF;
    int blueX = in.getShort() & 0xFFFF;
    int blueY = in.getShort() & 0xFFFF;
    int redX = in.getShort() & 0xFFFF;
    int redY = in.getShort() & 0xFFFF;
    int whiteX = in.getShort() & 0xFFFF;
    int whiteY = in.getShort() & 0xFFFF;
    long max = in.getInt() & 0xFFFF_FFFFL;
    long min = in.getInt() & 0xFFFF_FFFFL;
    return new MasteringDisplayBox(
        new MasteringDisplay(redX, redY, greenX, greenY, blueX, blueY, whiteX, whiteY, max, min));
  }
}
