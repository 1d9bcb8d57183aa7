package io.millrace.packager.recording;

import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.FragmentSample;
import io.millrace.packager.bmff.MediaHeaderBox;
import io.millrace.packager.bmff.TrackFragmentDecodeTimeBox;
import io.millrace.packager.bmff.TrackFragmentHeaderBox;
import io.millrace.packager.bmff.TrackRunBox;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finishes a {@link Mp4Recording} whose process was killed: takes a torn last fragment away, reads
 * where the others are, and writes what {@link Mp4Recording#finish} would have. Reads headers only,
 * not the media. A finished file stays as it is.
 */
final class Mp4Repair {
  private static final int MAX_HEADER_BYTES = 16 << 20;
  private static final int NON_SYNC = 0x1_0000;

  private final FileChannel file;
  private final long size;

  private Mp4Repair(FileChannel file) throws IOException {
    this.file = file;
    this.size = file.size();
  }

  /** A box where it lies. */
  private record Found(String type, long at, long sizeBytes) {
    long end() {
      return at + sizeBytes;
    }
  }

  /**
   * @throws MediaFormatException (malformed) for a file that has not even a header
   */
  static void finish(Path path) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      new Mp4Repair(file).finish();
    }
  }

  private void finish() throws IOException {
    Found type = required(box(0), "ftyp");
    Found movie = required(box(type.end()), "moov");
    Found reserved = box(movie.end());
    if (reserved == null) {
      throw MediaFormatException.malformed("a header that is not whole");
    }
    long fragmentsAt = movie.end() + Mp4Header.RESERVED_BYTES;
    Mp4Index index = Mp4Index.of(timescales(movie));
    long end = fragmentsAt;
    for (Found moof = box(end); moof != null; moof = box(end)) {
      if (moof.type.equals("mfra") && moof.end() == size) {
        return; // finished
      }
      Found data = moof.type.equals("moof") ? box(moof.end()) : null;
      if (data == null || !data.type.equals("mdat")) {
        break;
      }
      index.add(entry(moof, data.end()));
      end = data.end();
    }
    file.truncate(end);
    Mp4Recording.finish(file, index, durationAt(movie), Math.toIntExact(movie.end()), end);
  }

  private static Found required(@Nullable Found found, String type) {
    if (found == null || !found.type.equals(type)) {
      throw MediaFormatException.malformed("no whole " + type);
    }
    return found;
  }

  /** Null where there is no whole box. */
  private @Nullable Found box(long at) throws IOException {
    if (at + BoxWalk.HEADER_BYTES > size) {
      return null;
    }
    ByteBuffer head = read(at, BoxWalk.HEADER_BYTES);
    long length = head.getInt(0) & 0xFFFF_FFFFL;
    return length < BoxWalk.HEADER_BYTES || length > size - at
        ? null
        : new Found(BoxWalk.typeAt(head, 0), at, length);
  }

  private ByteBuffer read(long at, long length) throws IOException {
    if (length > MAX_HEADER_BYTES) {
      throw MediaFormatException.malformed("header of " + length + " bytes");
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, at + bytes.position()) < 0) {
        throw MediaFormatException.malformed("the file ends");
      }
    }
    return bytes.flip();
  }

  private List<Timescale> timescales(Found movie) throws IOException {
    List<Timescale> found = new ArrayList<>();
    for (Box box : BoxReader.read(read(movie.at, movie.sizeBytes).array())) {
      collect(box, found);
    }
    if (found.isEmpty()) {
      throw MediaFormatException.malformed("a header without tracks");
    }
    return found;
  }

  private static void collect(Box box, List<Timescale> found) {
    if (box instanceof MediaHeaderBox header) {
      found.add(new Timescale(header.timescale()));
    } else if (box instanceof ContainerBox container) {
      container.children().forEach(child -> collect(child, found));
    }
  }

  private int durationAt(Found movie) throws IOException {
    ByteBuffer in = read(movie.at, movie.sizeBytes);
    int extension = BoxWalk.find(in, BoxWalk.HEADER_BYTES, in.limit(), "mvex");
    int duration =
        extension < 0
            ? -1
            : BoxWalk.find(
                in,
                extension + BoxWalk.HEADER_BYTES,
                extension + BoxWalk.sizeAt(in, extension),
                "mehd");
    if (duration < 0) {
      throw MediaFormatException.malformed("a header without mehd");
    }
    return Math.toIntExact(movie.at + duration + Box.FULL_HEADER_BYTES);
  }

  private Mp4Index.Entry entry(Found moof, long end) throws IOException {
    TrackFragmentHeaderBox header = null;
    TrackRunBox run = null;
    long startTicks = 0;
    List<Box> children = children(BoxReader.read(read(moof.at, moof.sizeBytes).array()), "moof");
    for (Box box : children(children, "traf")) {
      switch (box) {
        case TrackFragmentHeaderBox found -> header = found;
        case TrackFragmentDecodeTimeBox time -> startTicks = time.decodeTimeTicks();
        case TrackRunBox found -> run = found;
        default -> {} // groups of samples say nothing of time
      }
    }
    if (header == null || run == null || run.samples().isEmpty()) {
      throw MediaFormatException.malformed("fragment without samples");
    }
    long ticks = 0;
    Integer common = header.sampleDurationTicks();
    for (FragmentSample sample : run.samples()) {
      ticks += common == null ? sample.durationTicks() : common;
    }
    boolean written = (run.fields() & (TrackRunBox.FLAGS | TrackRunBox.FIRST_FLAGS)) != 0;
    Integer flags = written ? (Integer) run.samples().getFirst().flags() : header.sampleFlags();
    boolean independent = flags == null || (flags & NON_SYNC) == 0;
    return new Mp4Index.Entry(
        header.trackId(), moof.at, Math.toIntExact(end - moof.at), startTicks, ticks, independent);
  }

  private static List<Box> children(List<Box> boxes, String type) {
    for (Box box : boxes) {
      if (box instanceof ContainerBox container && container.type().equals(type)) {
        return container.children();
      }
    }
    throw MediaFormatException.malformed("no " + type);
  }
}
