package io.millrace.packager.recording;

import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.FileTypeBox;
import io.millrace.packager.bmff.MovieHeaderBox;
import io.millrace.packager.bmff.OpaqueBox;
import io.millrace.packager.bmff.TrackExtendsBox;
import io.millrace.packager.bmff.TrackHeaderBox;
import io.millrace.packager.segment.InitSegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The start of a file with several tracks, made of their CMAF headers: {@code ftyp}, {@code moov}
 * with {@code mvex}, and a {@code free} box that becomes the {@code sidx} at the end.
 *
 * <p>Tracks are numbered from 1 in the order given. The movie's duration ({@code mehd}, ISO/IEC
 * 14496-12 §8.8.2) is 0, unknown, until the file is finished.
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
record Mp4Header(byte[] bytes, int durationAt, int reservedAt) {
  /** Of the movie: the timescale of video. */
  static final Timescale TIMESCALE = Timescale.VIDEO;

  /** Room for an index of some thousand segments. */
  static final int RESERVED_BYTES = 1 << 16;

  private static final int MEHD_CONTENT_BYTES = 12;

  static Mp4Header of(List<InitSegment> inits) {
    List<Box> movie = new ArrayList<>();
    movie.add(movieHeader(inits.size() + 1));
    List<Box> extension = new ArrayList<>();
    byte[] unknown = new byte[MEHD_CONTENT_BYTES];
    unknown[0] = 1; // version 1: 64 bits
    extension.add(new OpaqueBox("mehd", unknown));
    boolean av1 = false;
    for (int i = 0; i < inits.size(); i++) {
      movie.add(track(inits.get(i), i + 1));
      extension.add(new TrackExtendsBox(i + 1));
      av1 |= inits.get(i).format().codecs().startsWith("av01");
    }
    int beforeExtends = Box.HEADER_BYTES + Box.sizeBytes(movie);
    movie.add(new ContainerBox("mvex", extension));
    List<String> brands = new ArrayList<>(List.of("iso6", "mp41"));
    if (av1) {
      brands.add("av01"); // AV1-ISOBMFF §2.1
    }
    Box type = new FileTypeBox("ftyp", "iso6", 0, brands);
    Box header = new ContainerBox("moov", movie);
    Box reserved = new OpaqueBox("free", new byte[RESERVED_BYTES - Box.HEADER_BYTES]);
    return new Mp4Header(
        Box.toBytes(List.of(type, header, reserved)),
        type.sizeBytes() + beforeExtends + Box.HEADER_BYTES + Box.FULL_HEADER_BYTES,
        type.sizeBytes() + header.sizeBytes());
  }

  private static Box movieHeader(int nextTrackId) {
    byte[] box = Box.toBytes(List.of(new MovieHeaderBox(TIMESCALE.ticksPerSecond())));
    ByteBuffer.wrap(box).putInt(box.length - 4, nextTrackId);
    return new OpaqueBox("mvhd", Arrays.copyOfRange(box, Box.HEADER_BYTES, box.length));
  }

  private static Box track(InitSegment init, int trackId) {
    for (Box box : BoxReader.read(init.bytes())) {
      if (box instanceof ContainerBox movie && movie.type().equals("moov")) {
        for (Box child : movie.children()) {
          if (child instanceof ContainerBox track && track.type().equals("trak")) {
            return new ContainerBox("trak", renumbered(track.children(), trackId));
          }
        }
      }
    }
    throw MediaFormatException.malformed("init segment without a track");
  }

  private static List<Box> renumbered(List<Box> children, int trackId) {
    List<Box> out = new ArrayList<>();
    for (Box child : children) {
      out.add(
          child instanceof TrackHeaderBox header
              ? new TrackHeaderBox(
                  trackId,
                  header.widthPixels(),
                  header.heightPixels(),
                  header.rotation(),
                  header.audible())
              : child);
    }
    return out;
  }
}
