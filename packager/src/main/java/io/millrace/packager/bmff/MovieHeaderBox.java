package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code mvhd} version 0 (ISO/IEC 14496-12 §8.2.2) of a fragmented file: no creation time, duration
 * 0, one track.
 */
public record MovieHeaderBox(int timescale) implements Box {
  private static final int NEXT_TRACK_ID = 2;

  @Override
  public String type() {
    return "mvhd";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 96;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, 0);
    out.putInt(0).putInt(0); // creation, modification
    out.putInt(timescale).putInt(0); // duration
    out.putInt(0x0001_0000).putShort((short) 0x0100); // rate 1.0, volume 1.0
    Fields.zeros(out, 10);
    Fields.unityMatrix(out);
    Fields.zeros(out, 24);
    out.putInt(NEXT_TRACK_ID);
  }

  static MovieHeaderBox read(ByteBuffer in) {
    Fields.skip(in, 4 + 8);
    return new MovieHeaderBox(in.getInt());
  }
}
