package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code sbgp} of grouping type {@code roll} (ISO/IEC 14496-12 §8.9.2): the samples of a fragment
 * that the init segment's {@link RollDistanceBox} is true of, from the first on.
 */
public record RollGroupBox(int sampleCount) implements Box {
  @Override
  public String type() {
    return "sbgp";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 16;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    Fields.fourCc(out, RollDistanceBox.GROUPING);
    out.putInt(1).putInt(sampleCount).putInt(1);
  }

  static RollGroupBox read(ByteBuffer in) {
    Fields.skip(in, 12);
    return new RollGroupBox(in.getInt());
  }
}
