package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/** {@code btrt} (ISO/IEC 14496-12 §8.5.2.2): what the encoder was asked for. */
public record BitRateBox(int bufferSizeBytes, int maxBitrateBps, int averageBitrateBps)
    implements Box {
  @Override
  public String type() {
    return "btrt";
  }

  @Override
  public int sizeBytes() {
    return HEADER_BYTES + 12;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.header(out, this);
    out.putInt(bufferSizeBytes).putInt(maxBitrateBps).putInt(averageBitrateBps);
  }

  static BitRateBox read(ByteBuffer in) {
    return new BitRateBox(in.getInt(), in.getInt(), in.getInt());
  }
}
