package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code trex} (ISO/IEC 14496-12 §8.8.3) without defaults: every fragment brings its own in {@code
 * tfhd} (ISO/IEC 23000-19 §7.7.3).
 */
public record TrackExtendsBox(int trackId) implements Box {
  @Override
  public String type() {
    return "trex";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 20;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    out.putInt(trackId).putInt(1); // sample description index
    Fields.zeros(out, 12);
  }

  static TrackExtendsBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    return new TrackExtendsBox(in.getInt());
  }
}
