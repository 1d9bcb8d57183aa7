package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * {@code senc} (ISO/IEC 23001-7 §7.2.1): of each sample its IV and which bytes are encrypted.
 *
 * <pre>
 *  32 sample_count, then for each: IV | with flag 2: 16 subsample_count { 16 clear | 32 protected }
 * </pre>
 *
 * What one sample has is the auxiliary information that {@code saiz} and {@code saio} point to.
 * Written only: a reader needs {@code tenc} to know how long an IV is.
 *
 * @param subsamples whether samples have subsample maps
 */
public record SampleEncryptionBox(boolean subsamples, List<SampleAuxiliary> samples)
    implements Box {
  private static final int SUBSAMPLES = 2;

  /** From the start of the box to the first sample's information. */
  public static final int FIRST_SAMPLE_OFFSET = FULL_HEADER_BYTES + 4;

  public SampleEncryptionBox {
    samples = List.copyOf(samples);
  }

  @Override
  public String type() {
    return "senc";
  }

  @Override
  public int sizeBytes() {
    int size = FIRST_SAMPLE_OFFSET;
    for (SampleAuxiliary sample : samples) {
      size = Math.addExact(size, sample.sizeBytes(subsamples));
    }
    return size;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 0, subsamples ? SUBSAMPLES : 0);
    out.putInt(samples.size());
    samples.forEach(sample -> sample.write(out, subsamples));
  }
}
