package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code dref} with one {@code url } entry that says the media is in the same file (ISO/IEC
 * 14496-12 §8.7.2).
 */
public record DataReferenceBox() implements Box {
  private static final int SELF_CONTAINED = 1;

  @Override
  public String type() {
    return "dref";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 4 + FULL_HEADER_BYTES;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    out.putInt(1);
    out.putInt(FULL_HEADER_BYTES);
    Fields.fourCc(out, "url ");
    out.putInt(SELF_CONTAINED);
  }
}
