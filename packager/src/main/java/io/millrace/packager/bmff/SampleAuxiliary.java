package io.millrace.packager.bmff;

import java.nio.ByteBuffer;

/**
 * CencSampleAuxiliaryDataFormat (ISO/IEC 23001-7 §7.1) of one sample.
 *
 * @param iv empty where the track has one for all samples
 * @param ranges clear bytes, protected bytes, clear bytes, … of the whole sample
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SampleAuxiliary(byte[] iv, int[] ranges) {
  private static final int SUBSAMPLE_BYTES = 6;

  /** {@code saiz} has a byte for the size of a sample's information. */
  public static final int MAXIMUM_BYTES = 255;

  public int sizeBytes(boolean subsamples) {
    return iv.length + (subsamples ? 2 + ranges.length / 2 * SUBSAMPLE_BYTES : 0);
  }

  void write(ByteBuffer out, boolean subsamples) {
    out.put(iv);
    if (subsamples) {
      out.putShort((short) (ranges.length / 2));
      for (int i = 0; i < ranges.length; i += 2) {
        out.putShort((short) ranges[i]).putInt(ranges[i + 1]);
      }
    }
  }
}
