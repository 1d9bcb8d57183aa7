package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/** {@code pasp} (ISO/IEC 14496-12 §12.1.4): the shape of one pixel. */
public record PixelAspectRatioBox(int horizontal, int vertical) implements Box {
  @Override
  public String type() {
    return "pasp";
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + 8;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    out.putInt(horizontal).putInt(vertical);
  }

  static PixelAspectRatioBox read(ByteBuffer in) {
    return new PixelAspectRatioBox(in.getInt(), in.getInt());
  }
}
