package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code saio} with one entry (ISO/IEC 14496-12 §8.7.9).
 *
 * @param offsetBytes from the start of {@code moof} to the first sample's auxiliary information
 */
public record AuxiliaryOffsetBox(int offsetBytes) implements Box {
  @Override
  public String type() {
    return "saio";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 8;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    out.putInt(1).putInt(offsetBytes);
  }

  static AuxiliaryOffsetBox read(ByteBuffer in) {
    Fields.skip(in, 8);
    return new AuxiliaryOffsetBox(in.getInt());
  }
}
