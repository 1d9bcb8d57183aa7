package io.millrace.packager.dvr;

import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Segments one after another in {@code SEQUENCE.data}, and an index beside it, {@code
 * SEQUENCE.index}; both only grow. Sequence numbers in one file grow by one, so that a number is a
 * place in {@link #intervals}.
 *
 * <p>The data of an interval is written before its record. Whatever instant the process is killed
 * at, the kernel has everything that was written, in that order: a record that is there has its
 * data, and nothing has to be forced. A power cut may lose anything since the last force, in any
 * order; so each file is forced once, when it is full, and ends with a record that says so. After a
 * start, files with that record are believed, and the data of the others is compared with its
 * checksums; the first interval that is not whole ends them. What a power cut can cost is the
 * newest file of each rendition, and the live path never waits for a force.
 *
 * <p>Written on the disk's thread; what is listed is guarded by the store.
 */
final class SegmentFile {
  static final String DATA = ".data";
  static final String INDEX = ".index";

  private final Path data;
  private final Path index;
  private final List<StoredInterval> intervals = new ArrayList<>();

  /** Null for a file that is not written any more. */
  private @Nullable FileChannel dataOut;

  private @Nullable FileChannel indexOut;
  private long dataBytes;
  private long indexBytes;

  // Guarded by the store, as the intervals are.
  private long listedBytes;
  private final Set<Integer> initNumbers = new TreeSet<>();

  private SegmentFile(Path folder, String name) {
    this.data = folder.resolve(name + DATA);
    this.index = folder.resolve(name + INDEX);
  }

  static SegmentFile create(Path folder, long firstSequence) throws IOException {
    SegmentFile file = new SegmentFile(folder, String.format(Locale.ROOT, "%019d", firstSequence));
    boolean made = false;
    try {
      file.dataOut = open(file.data);
      file.indexOut = open(file.index);
      file.indexBytes = DiskFiles.writeFully(file.indexOut, IndexRecord.head(), 0);
      made = true;
      return file;
    } finally {
      if (!made) {
        file.remove();
      }
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(
        path,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  /**
   * What is on disk; whatever is not whole is cut off.
   *
   * @param repaired is told what was cut
   * @return null where nothing is left, and the files are removed
   */
  static @Nullable SegmentFile restore(Path folder, String name, DvrListener repaired)
      throws IOException {
    SegmentFile file = new SegmentFile(folder, name);
    if (!Files.exists(file.data) || !Files.exists(file.index)) {
      file.remove();
      return null;
    }
    ByteBuffer records = ByteBuffer.wrap(Files.readAllBytes(file.index));
    file.dataBytes = Files.size(file.data);
    boolean sealed = file.read(records);
    int cutBytes = records.limit() - records.position();
    file.indexBytes = records.position();
    if (cutBytes > 0) {
      repaired.repaired(file.index + ": " + cutBytes + " bytes of a torn record");
    }
    if (file.intervals.isEmpty()) {
      file.remove();
      return null;
    }
    if (!sealed || cutBytes > 0) {
      file.shorten();
      file.force();
    }
    for (StoredInterval interval : file.intervals) {
      if (!interval.isGap()) {
        file.initNumbers.add(interval.initNumber());
      }
    }
    file.listedBytes = file.sizeBytes();
    return file;
  }

  /** Reads records up to the first that is broken, out of order, or without its data. */
  private boolean read(ByteBuffer records) throws IOException {
    List<IndexRecord.Entry> unproved = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    ByteBuffer content = Frame.read(records);
    if (content == null
        || !(IndexRecord.read(content) instanceof IndexRecord.Head(int version))
        || version != IndexRecord.VERSION) {
      records.position(0);
      return false;
    }
    int end = records.position();
    boolean sealed = false;
    for (content = Frame.read(records); content != null; content = Frame.read(records)) {
      IndexRecord record = IndexRecord.read(content);
      if (record instanceof IndexRecord.Seal) {
        sealed = true;
        end = records.position();
        break;
      }
      if (!(record instanceof IndexRecord.Entry entry) || !follows(entry.interval())) {
        break;
      }
      intervals.add(entry.interval());
      unproved.add(entry);
      end = records.position();
      ends.add(end);
    }
    records.position(end);
    if (!sealed) {
      int whole = proved(unproved);
      if (whole < unproved.size()) {
        intervals.subList(whole, intervals.size()).clear();
        records.position(whole == 0 ? 0 : ends.get(whole - 1));
      }
    }
    return sealed;
  }

  private boolean follows(StoredInterval interval) {
    return interval.position() + interval.sizeBytes() <= dataBytes
        && (intervals.isEmpty() || interval.sequence() == intervals.getLast().sequence() + 1);
  }

  /** How many of the entries have the data that they were written with. */
  private int proved(List<IndexRecord.Entry> entries) throws IOException {
    try (FileChannel in = FileChannel.open(data, StandardOpenOption.READ)) {
      for (int i = 0; i < entries.size(); i++) {
        StoredInterval interval = entries.get(i).interval();
        ByteBuffer bytes = ByteBuffer.allocate(interval.sizeBytes());
        while (bytes.hasRemaining()) {
          if (in.read(bytes, interval.position() + bytes.position()) < 0) {
            return i;
          }
        }
        if (!interval.isGap() && Frame.crc(bytes.flip()) != entries.get(i).dataCrc()) {
          return i;
        }
      }
    }
    return entries.size();
  }

  private void shorten() throws IOException {
    StoredInterval last = intervals.getLast();
    dataBytes = 0;
    for (StoredInterval interval : intervals) {
      dataBytes = Math.max(dataBytes, interval.position() + interval.sizeBytes());
    }
    dataOut = FileChannel.open(data, StandardOpenOption.WRITE).truncate(dataBytes);
    indexOut = FileChannel.open(index, StandardOpenOption.WRITE).truncate(indexBytes);
    assert last.position() + last.sizeBytes() <= dataBytes;
  }

  /** Appends a segment; the caller lists what comes back. On failure nothing has changed. */
  StoredInterval append(Segment segment, int initNumber, long discontinuitiesBefore)
      throws IOException {
    CRC32C crc = new CRC32C();
    long position = dataBytes;
    long size = 0;
    try {
      for (Part part : segment.parts()) {
        crc.update(part.bytes());
        DiskFiles.writeFully(writable(dataOut), ByteBuffer.wrap(part.bytes()), position + size);
        size += part.bytes().length;
      }
      StoredInterval stored =
          new StoredInterval(
              segment.sequence(),
              segment.discontinuity(),
              discontinuitiesBefore,
              segment.boundaryTicks(),
              segment.timescale(),
              segment.startTicks(),
              segment.endTicks(),
              initNumber,
              segment.sampleCount(),
              position,
              Math.toIntExact(size));
      record(IndexRecord.segment(stored, (int) crc.getValue(), segment));
      dataBytes = position + size;
      return stored;
    } catch (IOException e) {
      cutBack(e);
      throw e;
    }
  }

  StoredInterval append(StoredInterval gap) throws IOException {
    try {
      record(IndexRecord.gap(gap));
      return gap;
    } catch (IOException e) {
      cutBack(e);
      throw e;
    }
  }

  private void record(ByteBuffer frame) throws IOException {
    indexBytes = DiskFiles.writeFully(writable(indexOut), frame, indexBytes);
  }

  /** Takes half-written bytes away again, so that a full disk has as much room as before. */
  private void cutBack(IOException failure) {
    try {
      writable(dataOut).truncate(dataBytes);
      writable(indexOut).truncate(indexBytes);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Makes what is there last, and says so; nothing is appended after. */
  void force() throws IOException {
    try {
      writable(dataOut).force(false);
      record(IndexRecord.seal());
      writable(indexOut).force(false);
    } finally {
      close();
    }
  }

  private static FileChannel writable(@Nullable FileChannel channel) throws IOException {
    if (channel == null) {
      throw new IOException("the file has been closed");
    }
    return channel;
  }

  /** Without a force. */
  void close() {
    closeQuietly(dataOut);
    closeQuietly(indexOut);
    dataOut = null;
    indexOut = null;
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // What was written is the kernel's; the descriptor is gone either way.
      }
    }
  }

  void remove() throws IOException {
    close();
    Files.deleteIfExists(index); // first: data without an index is nothing
    Files.deleteIfExists(data);
  }

  List<StoredPart> parts(StoredInterval interval) throws IOException {
    ByteBuffer records = ByteBuffer.wrap(Files.readAllBytes(index));
    for (ByteBuffer c = Frame.read(records); c != null; c = Frame.read(records)) {
      if (IndexRecord.read(c) instanceof IndexRecord.Entry entry
          && entry.interval().equals(interval)) {
        return entry.parts();
      }
    }
    return List.of();
  }

  Path data() {
    return data;
  }

  List<StoredInterval> intervals() {
    return intervals;
  }

  boolean isOpen() {
    return dataOut != null;
  }

  /** Lists an interval that has been appended. */
  void list(StoredInterval interval) {
    intervals.add(interval);
    listedBytes = sizeBytes();
    if (!interval.isGap()) {
      initNumbers.add(interval.initNumber());
    }
  }

  /** Its size as of the last interval listed. */
  long listedBytes() {
    return listedBytes;
  }

  Set<Integer> initNumbers() {
    return initNumbers;
  }

  long sizeBytes() {
    return dataBytes + indexBytes;
  }

  long firstSequence() {
    return intervals.getFirst().sequence();
  }

  long lastSequence() {
    return intervals.getLast().sequence();
  }

  long endUs() {
    return intervals.isEmpty() ? 0 : intervals.getLast().endUs();
  }

  long startUs() {
    return intervals.isEmpty() ? 0 : intervals.getFirst().startUs();
  }
}
