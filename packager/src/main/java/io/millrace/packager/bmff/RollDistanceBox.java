package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code sgpd} version 1 with one entry of grouping type {@code roll} (ISO/IEC 14496-12 §8.9.3,
 * §10.1): how many samples a decoder must have read before its output is right.
 *
 * @param distance negative: so many samples before the one that is wanted
 */
public record RollDistanceBox(int distance) implements Box {
  static final String GROUPING = "roll";
  private static final int ENTRY_BYTES = 2;

  @Override
  public String type() {
    return "sgpd";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 12 + ENTRY_BYTES;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 1, 0);
    Fields.fourCc(out, GROUPING);
    out.putInt(ENTRY_BYTES).putInt(1).putShort((short) distance);
  }

  static RollDistanceBox read(ByteBuffer in) {
    Fields.skip(in, 16);
    return new RollDistanceBox(in.getShort());
  }
}
