package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/** {@code mfhd} (ISO/IEC 14496-12 §8.8.5): the fragment's number, growing. */
public record MovieFragmentHeaderBox(int sequenceNumber) implements Box {
  @Override
  public String type() {
    return "mfhd";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 4;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    out.putInt(sequenceNumber);
  }

  static MovieFragmentHeaderBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    return new MovieFragmentHeaderBox(in.getInt());
  }
}
