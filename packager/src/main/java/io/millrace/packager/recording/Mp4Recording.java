package io.millrace.packager.recording;

import io.millrace.media.Timescale;
import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One fragmented MP4 with all tracks.
 *
 * <pre>
 *  ftyp  moov[mvhd trak… mvex[mehd trex…]]  free  moof mdat  moof mdat  …         while it grows
 *  ftyp  moov[mvhd trak… mvex[mehd trex…]]  sidx free  moof mdat  …  mfra[tfra…]  when finished
 * </pre>
 *
 * <p>Every fragment is whole in itself, so a process that is killed leaves a file that plays up to
 * the last fragment, at worst with a torn one behind it that {@link Mp4Repair} takes away. Times
 * start at zero with the first interval; a hole in the stream is a hole in the times.
 */
public final class Mp4Recording implements Recording {
  private record Placed(Mp4Fragment fragment, int track, Part part, long startTicks) {}

  private record Track(String rendition, InitSegment init, long baseTicks) {}

  private final Path path;
  private final FileChannel file;
  private final Mp4Header header;
  private final List<Track> tracks;
  private final Mp4Index index;
  private final long startUs;
  private long endUs;
  private long size;
  private int fragments;

  private Mp4Recording(
      Path path, FileChannel file, Mp4Header header, List<Track> tracks, RecordedGroup first) {
    this.path = path;
    this.file = file;
    this.header = header;
    this.tracks = tracks;
    this.index = Mp4Index.of(tracks.stream().map(track -> track.init.timescale()).toList());
    this.startUs = first.startUs();
    this.endUs = startUs;
  }

  /**
   * Begins a file for the tracks of {@code first} that have media, at least one; the group itself
   * is not written yet.
   *
   * @param path of a file that does not exist; nothing is ever overwritten
   */
  public static Mp4Recording create(Path path, RecordedGroup first) throws IOException {
    List<Track> tracks = new ArrayList<>();
    for (RecordedInterval each : first.tracks()) {
      if (each.interval() instanceof Segment segment) {
        long base = Timescale.VIDEO.rescale(segment.boundaryTicks(), segment.timescale());
        tracks.add(
            new Track(
                each.rendition().name(), segment.init(), Math.min(base, segment.startTicks())));
      }
    }
    Mp4Header header = Mp4Header.of(tracks.stream().map(Track::init).toList());
    FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    boolean begun = false;
    try {
      Mp4Recording recording = new Mp4Recording(path, file, header, tracks, first);
      recording.size = DiskFiles.writeFully(file, ByteBuffer.wrap(header.bytes()), 0);
      begun = true;
      return recording;
    } finally {
      if (!begun) {
        file.close();
        Files.deleteIfExists(path);
      }
    }
  }

  @Override
  public Path path() {
    return path;
  }

  /** A track that is missing is a hole; another one, or another format, is another file. */
  @Override
  public boolean takes(RecordedGroup group) {
    for (RecordedInterval each : group.tracks()) {
      if (each.interval() instanceof Segment segment) {
        Track track = find(each.rendition().name());
        if (track == null
            || !track.init.format().equals(segment.init().format())
            || segment.startTicks() < track.baseTicks) {
          return false;
        }
      }
    }
    return true;
  }

  private @Nullable Track find(String rendition) {
    for (Track track : tracks) {
      if (track.rendition.equals(rendition)) {
        return track;
      }
    }
    return null;
  }

  @Override
  public void write(RecordedGroup group) throws IOException {
    List<Placed> placed = place(group);
    long at = size;
    try {
      ByteBuffer[] buffers =
          placed.stream()
              .flatMap(each -> each.fragment.buffers().stream())
              .toArray(ByteBuffer[]::new);
      file.position(size);
      long left = placed.stream().mapToLong(each -> each.fragment.sizeBytes()).sum();
      while (left > 0) {
        left -= file.write(buffers);
      }
    } catch (IOException e) {
      cutBack(e);
      throw e;
    }
    for (Placed each : placed) {
      int bytes = each.fragment.sizeBytes();
      index.add(
          new Mp4Index.Entry(
              each.track,
              at,
              bytes,
              each.startTicks,
              each.part.durationTicks(),
              each.part.independent()));
      at += bytes;
    }
    size = at;
    endUs = Math.max(endUs, group.endUs());
  }

  private void cutBack(IOException failure) {
    try {
      file.truncate(size);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /** Interleaved by time; the reference track's first one stands first, for the index. */
  private List<Placed> place(RecordedGroup group) {
    List<Placed> placed = new ArrayList<>();
    for (RecordedInterval each : group.tracks()) {
      Track track = find(each.rendition().name());
      if (track != null && each.interval() instanceof Segment segment) {
        int number = tracks.indexOf(track) + 1;
        for (Part part : segment.parts()) {
          Mp4Fragment fragment = Mp4Fragment.of(part.bytes(), number, track.baseTicks);
          placed.add(new Placed(fragment, number, part, part.startTicks() - track.baseTicks));
        }
      }
    }
    if (!placed.isEmpty()) {
      Placed first = placed.removeFirst();
      placed.sort(Comparator.comparingLong(this::startUs));
      placed.addFirst(first);
    }
    for (Placed each : placed) {
      each.fragment.number(++fragments);
    }
    return placed;
  }

  private long startUs(Placed placed) {
    return index.timescales().get(placed.track - 1).rescale(placed.startTicks, Timescale.MICROS);
  }

  @Override
  public long sizeBytes() {
    return size;
  }

  @Override
  public long durationUs() {
    return endUs - startUs;
  }

  @Override
  public void finish() throws IOException {
    try (file) {
      finish(file, index, header.durationAt(), header.reservedAt(), size);
    }
  }

  /**
   * Writes duration and index. Whenever this is interrupted the file stays one: the front index
   * takes effect with the last write to it, of eight bytes.
   */
  static void finish(
      FileChannel file, Mp4Index index, int durationAt, int reservedAt, long endOfFragments)
      throws IOException {
    ByteBuffer front = index.front(Mp4Header.RESERVED_BYTES);
    DiskFiles.writeFully(
        file,
        front.slice(BoxWalk.HEADER_BYTES, front.capacity() - BoxWalk.HEADER_BYTES),
        reservedAt + BoxWalk.HEADER_BYTES);
    DiskFiles.writeFully(file, front.slice(0, BoxWalk.HEADER_BYTES), reservedAt);
    ByteBuffer duration = ByteBuffer.allocate(8);
    duration.putLong(index.endTicks(Mp4Header.TIMESCALE)).flip();
    DiskFiles.writeFully(file, duration, durationAt);
    try {
      DiskFiles.writeFully(file, index.back(), endOfFragments);
    } catch (IOException e) {
      file.truncate(endOfFragments);
      throw e;
    }
    file.force(true);
  }
}
