package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * {@code tfhd} with default-base-is-moof (ISO/IEC 14496-12 §8.8.7): what all samples of the
 * fragment have in common. A null default is not written; {@code trun} then has the values.
 */
public record TrackFragmentHeaderBox(
    int trackId,
    @Nullable Integer sampleDurationTicks,
    @Nullable Integer sampleSizeBytes,
    @Nullable Integer sampleFlags)
    implements Box {
  private static final int DEFAULT_BASE_IS_MOOF = 0x02_0000;
  private static final int DURATION = 0x08;
  private static final int SIZE = 0x10;
  private static final int FLAGS = 0x20;

  @Override
  public String type() {
    return "tfhd";
  }

  private int flags() {
    return DEFAULT_BASE_IS_MOOF
        | (sampleDurationTicks == null ? 0 : DURATION)
        | (sampleSizeBytes == null ? 0 : SIZE)
        | (sampleFlags == null ? 0 : FLAGS);
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 4 + 4 * Integer.bitCount(flags() & (DURATION | SIZE | FLAGS));
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, flags());
    out.putInt(trackId);
    putIfPresent(out, sampleDurationTicks);
    putIfPresent(out, sampleSizeBytes);
    putIfPresent(out, sampleFlags);
  }

  private static void putIfPresent(ByteBuffer out, @Nullable Integer value) {
    if (value != null) {
      out.putInt(value);
    }
  }

  static TrackFragmentHeaderBox read(ByteBuffer in) {
    int flags = in.getInt() & 0xFF_FFFF;
    int trackId = in.getInt();
    return new TrackFragmentHeaderBox(
        trackId,
        (flags & DURATION) == 0 ? null : (Integer) in.getInt(),
        (flags & SIZE) == 0 ? null : (Integer) in.getInt(),
        (flags & FLAGS) == 0 ? null : (Integer) in.getInt());
  }
}
