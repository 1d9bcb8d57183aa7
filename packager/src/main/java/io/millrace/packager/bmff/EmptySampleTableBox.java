package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.Set;

/**
 * {@code stts}, {@code stsc}, {@code stsz} or {@code stco} without entries, as an init segment must
 * have them (ISO/IEC 23000-19 §7.5).
 */
public record EmptySampleTableBox(String type) implements Box {
  static final Set<String> TYPES = Set.of("stts", "stsc", "stsz", "stco");

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + contentBytes();
  }

  /** An entry count; {@code stsz} has a common sample size before it. */
  private int contentBytes() {
    return type.equals("stsz") ? 8 : 4;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    Fields.zeros(out, contentBytes());
  }
}
