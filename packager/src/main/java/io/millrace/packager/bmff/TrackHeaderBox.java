package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * {@code tkhd} version 0 (ISO/IEC 14496-12 §8.3.2) of a fragmented file.
 *
 * @param widthPixels of the picture at square pixels, before rotation; 0 for others
 * @param heightPixels of the picture before rotation; 0 for audio
 * @param rotation clockwise degrees for display: 0, 90, 180 or 270, written as the matrix
 * @param audible true for audio (volume 1.0)
 */
public record TrackHeaderBox(
    int trackId, int widthPixels, int heightPixels, int rotation, boolean audible) implements Box {
  private static final int ENABLED_IN_MOVIE = 3;

  /** An audio track. */
  public static TrackHeaderBox audio(int trackId) {
    return new TrackHeaderBox(trackId, 0, 0, 0, true);
  }

  /** A text track, wherever its player puts it. */
  public static TrackHeaderBox text(int trackId) {
    return new TrackHeaderBox(trackId, 0, 0, 0, false);
  }

  /** A video track. */
  public static TrackHeaderBox video(int trackId, int widthPixels, int heightPixels, int rotation) {
    return new TrackHeaderBox(trackId, widthPixels, heightPixels, rotation, false);
  }

  @Override
  public String type() {
    return "tkhd";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 80;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, ENABLED_IN_MOVIE);
    out.putInt(0).putInt(0); // creation, modification
    out.putInt(trackId).putInt(0).putInt(0); // reserved, duration
    Fields.zeros(out, 8);
    out.putShort((short) 0).putShort((short) 0); // layer, alternate group
    out.putShort((short) (audible ? 0x0100 : 0)).putShort((short) 0);
    // Turned about the origin, then moved back into the positive quadrant.
    switch (rotation) {
      case 0 -> Fields.unityMatrix(out);
      case 90 -> Fields.matrix(out, 0, 1, -1, 0, heightPixels, 0);
      case 180 -> Fields.matrix(out, -1, 0, 0, -1, widthPixels, heightPixels);
      case 270 -> Fields.matrix(out, 0, -1, 1, 0, 0, widthPixels);
      default -> throw new IllegalArgumentException("not a quarter turn: " + rotation);
    }
    out.putInt(widthPixels << 16).putInt(heightPixels << 16);
  }

  static TrackHeaderBox read(ByteBuffer in) {
    Fields.skip(in, 4 + 8);
    int trackId = in.getInt();
    Fields.skip(in, 4 + 4 + 8 + 4);
    boolean audible = in.getShort() != 0;
    Fields.skip(in, 2);
    int a = in.getInt();
    int b = in.getInt();
    Fields.skip(in, 28);
    int rotation = b > 0 ? 90 : b < 0 ? 270 : a < 0 ? 180 : 0;
    return new TrackHeaderBox(trackId, in.getInt() >>> 16, in.getInt() >>> 16, rotation, audible);
  }
}
