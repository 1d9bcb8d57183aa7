package io.millrace.packager.bmff;

import io.millrace.media.MediaFormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code trun} version 1, with signed composition offsets (ISO/IEC 14496-12 §8.8.8).
 *
 * @param fields which of {@link #FIRST_FLAGS}, {@link #DURATION}, {@link #SIZE}, {@link #FLAGS} and
 *     {@link #OFFSET} are written; the others come from {@code tfhd}, offsets are then 0
 * @param dataOffsetBytes from the start of {@code moof} to the first sample's data
 * @param samples values that are not written are 0 in a box that was read
 */
public record TrackRunBox(int fields, int dataOffsetBytes, List<FragmentSample> samples)
    implements Box {
  public static final int FIRST_FLAGS = 0x004;
  public static final int DURATION = 0x100;
  public static final int SIZE = 0x200;
  public static final int FLAGS = 0x400;
  public static final int OFFSET = 0x800;
  private static final int DATA_OFFSET = 0x001;
  private static final int PER_SAMPLE = DURATION | SIZE | FLAGS | OFFSET;

  /** Samples without fields of their own cost no bytes, so their number needs a limit. */
  private static final int MAX_UNIFORM_SAMPLES = 1 << 16;

  public TrackRunBox {
    samples = List.copyOf(samples);
  }

  @Override
  public String type() {
    return "trun";
  }

  @Override
  public int sizeBytes() {
    return Math.addExact(
        FULL_HEADER_BYTES + 8 + (has(FIRST_FLAGS) ? 4 : 0),
        Math.multiplyExact(samples.size(), sampleBytes(fields)));
  }

  private static int sampleBytes(int fields) {
    return 4 * Integer.bitCount(fields & PER_SAMPLE);
  }

  private boolean has(int field) {
    return (fields & field) != 0;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 1, fields | DATA_OFFSET);
    out.putInt(samples.size()).putInt(dataOffsetBytes);
    if (has(FIRST_FLAGS)) {
      out.putInt(samples.getFirst().flags());
    }
    for (FragmentSample sample : samples) {
      if (has(DURATION)) {
        out.putInt(sample.durationTicks());
      }
      if (has(SIZE)) {
        out.putInt(sample.sizeBytes());
      }
      if (has(FLAGS)) {
        out.putInt(sample.flags());
      }
      if (has(OFFSET)) {
        out.putInt(sample.compositionOffsetTicks());
      }
    }
  }

  static TrackRunBox read(ByteBuffer in) {
    int fields = in.getInt() & 0xFF_FFFF;
    int count = in.getInt();
    int dataOffset = (fields & DATA_OFFSET) == 0 ? 0 : in.getInt();
    int firstFlags = (fields & FIRST_FLAGS) == 0 ? 0 : in.getInt();
    int sampleBytes = sampleBytes(fields);
    if (count < 0
        || (count > MAX_UNIFORM_SAMPLES && sampleBytes == 0)
        || (long) count * sampleBytes > in.remaining()) {
      throw MediaFormatException.malformed("trun: more samples than its box can hold");
    }
    List<FragmentSample> samples = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int duration = (fields & DURATION) == 0 ? 0 : in.getInt();
      int size = (fields & SIZE) == 0 ? 0 : in.getInt();
      int flags = (fields & FLAGS) == 0 ? (i == 0 ? firstFlags : 0) : in.getInt();
      int offset = (fields & OFFSET) == 0 ? 0 : in.getInt();
      samples.add(new FragmentSample(duration, size, flags, offset));
    }
    return new TrackRunBox(fields & (PER_SAMPLE | FIRST_FLAGS), dataOffset, samples);
  }
}
