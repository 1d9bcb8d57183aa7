package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code tfdt} version 1 (ISO/IEC 14496-12 §8.8.12): decoding time of the fragment's first sample.
 */
public record TrackFragmentDecodeTimeBox(long decodeTimeTicks) implements Box {
  @Override
  public String type() {
    return "tfdt";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 8;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 1, 0);
    out.putLong(decodeTimeTicks);
  }

  static TrackFragmentDecodeTimeBox read(ByteBuffer in) {
    Fields.skip(in, 4);
    return new TrackFragmentDecodeTimeBox(in.getLong());
  }
}
