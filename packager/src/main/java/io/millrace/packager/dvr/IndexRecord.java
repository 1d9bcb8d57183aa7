package io.millrace.packager.dvr;

import io.millrace.media.Timescale;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the {@link Frame}s of an index hold.
 *
 * <pre>
 *  head    1 | version 1
 *  segment 2 | flags, sequence, discontinuities before, boundary, timescale, start, end,
 *            | init number, samples, position, size, CRC-32C of the data,
 *            | count of parts, and for each: start, end, size, flags
 *  gap     3 | flags, sequence, discontinuities before, boundary, timescale, start, end
 *  seal    5 | nothing: what is before has been forced to the disk
 * </pre>
 */
sealed interface IndexRecord {
  /** The first of a file. */
  record Head(int version) implements IndexRecord {}

  /**
   * @param dataCrc of its bytes; 0 for a gap
   */
  record Entry(StoredInterval interval, int dataCrc, List<StoredPart> parts)
      implements IndexRecord {}

  /** The last of a file that was closed in good order. */
  record Seal() implements IndexRecord {}

  int VERSION = 1;
  byte HEAD = 1;
  byte SEGMENT = 2;
  byte GAP = 3;
  byte SEAL = 5;
  int DISCONTINUITY = 1;
  int INDEPENDENT = 1;
  int MAX_PARTS = 1 << 14;
  int INTERVAL_BYTES = 2 + 3 * 8 + 4 + 2 * 8;
  int SEGMENT_BYTES = INTERVAL_BYTES + 2 * 4 + 8 + 3 * 4;
  int PART_BYTES = 2 * 8 + 4 + 1;

  static ByteBuffer head() {
    return Frame.of(ByteBuffer.allocate(2).put(HEAD).put((byte) VERSION));
  }

  static ByteBuffer seal() {
    return Frame.of(ByteBuffer.allocate(1).put(SEAL));
  }

  static ByteBuffer gap(StoredInterval gap) {
    ByteBuffer out = ByteBuffer.allocate(INTERVAL_BYTES);
    return Frame.of(interval(out, GAP, gap));
  }

  static ByteBuffer segment(StoredInterval stored, int dataCrc, Segment segment) {
    List<Part> parts = segment.parts();
    ByteBuffer out = ByteBuffer.allocate(SEGMENT_BYTES + parts.size() * PART_BYTES);
    interval(out, SEGMENT, stored);
    out.putInt(stored.initNumber()).putInt(stored.sampleCount());
    out.putLong(stored.position()).putInt(stored.sizeBytes()).putInt(dataCrc);
    out.putInt(parts.size());
    for (Part part : parts) {
      out.putLong(part.startTicks()).putLong(part.endTicks()).putInt(part.bytes().length);
      out.put((byte) (part.independent() ? INDEPENDENT : 0));
    }
    return Frame.of(out);
  }

  private static ByteBuffer interval(ByteBuffer out, byte kind, StoredInterval interval) {
    out.put(kind).put((byte) (interval.discontinuity() ? DISCONTINUITY : 0));
    out.putLong(interval.sequence()).putLong(interval.discontinuitiesBefore());
    out.putLong(interval.boundaryTicks()).putInt(interval.timescale().ticksPerSecond());
    return out.putLong(interval.startTicks()).putLong(interval.endTicks());
  }

  /** Null for what is none, or of a later version. */
  static @Nullable IndexRecord read(ByteBuffer content) {
    try {
      byte kind = content.get();
      return switch (kind) {
        case HEAD -> new Head(content.get());
        case SEAL -> new Seal();
        case SEGMENT, GAP -> entry(content, kind);
        default -> null;
      };
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable Entry entry(ByteBuffer in, byte kind) {
    boolean discontinuity = (in.get() & DISCONTINUITY) != 0;
    long sequence = in.getLong();
    long discontinuities = in.getLong();
    long boundaryTicks = in.getLong();
    Timescale timescale = new Timescale(in.getInt());
    long startTicks = in.getLong();
    long endTicks = in.getLong();
    boolean gap = kind == GAP;
    int initNumber = gap ? StoredInterval.GAP : in.getInt();
    int samples = gap ? 0 : in.getInt();
    long position = gap ? 0 : in.getLong();
    int size = gap ? 0 : in.getInt();
    int crc = gap ? 0 : in.getInt();
    int count = gap ? 0 : in.getInt();
    if (count < 0 || count > MAX_PARTS || size < 0 || position < 0) {
      return null;
    }
    List<StoredPart> parts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long start = in.getLong();
      long end = in.getLong();
      int bytes = in.getInt();
      parts.add(new StoredPart(start, end, (in.get() & INDEPENDENT) != 0, bytes));
    }
    StoredInterval interval =
        new StoredInterval(
            sequence,
            discontinuity,
            discontinuities,
            boundaryTicks,
            timescale,
            startTicks,
            endTicks,
            initNumber,
            samples,
            position,
            size);
    return new Entry(interval, crc, parts);
  }
}
