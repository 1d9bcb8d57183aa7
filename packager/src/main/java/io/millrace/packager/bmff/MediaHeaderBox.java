package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code mdhd} version 0 (ISO/IEC 14496-12 §8.4.2) of a fragmented file: duration 0, language
 * undetermined.
 */
public record MediaHeaderBox(int timescale) implements Box {
  /** {@code und}, three letters of five bits each, less 0x60. */
  private static final short UNDETERMINED = 0x55C4;

  @Override
  public String type() {
    return "mdhd";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 20;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    out.putInt(0).putInt(0); // creation, modification
    out.putInt(timescale).putInt(0); // duration
    out.putShort(UNDETERMINED).putShort((short) 0);
  }

  static MediaHeaderBox read(ByteBuffer in) {
    Fields.skip(in, 4 + 8);
    return new MediaHeaderBox(in.getInt());
  }
}
