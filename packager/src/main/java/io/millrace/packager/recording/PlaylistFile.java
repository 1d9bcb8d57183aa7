package io.millrace.packager.recording;

import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.hls.EventPlaylist;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.Bitrates;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A rendition's folder in an HLS tree: {@code media.m3u8}, init segments, segments. A segment's
 * file is whole before the playlist names it, and the playlist grows by whole entries.
 */
final class PlaylistFile {
  static final String NAME = "media.m3u8";

  private final Path folder;
  private final Path playlist;
  private final Set<Integer> inits = new HashSet<>();
  private @Nullable InitSegment map;
  private @Nullable Interval last;
  private long targetS;
  private long playlistBytes;
  private long bytes;
  private long mediaUs;
  private long mediaBytes;
  private long peakBps;

  private PlaylistFile(Path folder, long targetS) {
    this.folder = folder;
    this.playlist = folder.resolve(NAME);
    this.targetS = targetS;
  }

  static PlaylistFile create(Path folder, Interval first) throws IOException {
    Files.createDirectory(folder);
    PlaylistFile file = new PlaylistFile(folder, roundedS(first));
    file.playlistBytes =
        create(
            file.playlist,
            ByteBuffer.wrap(utf8(EventPlaylist.head(file.targetS, first.sequence()))));
    return file;
  }

  private static long roundedS(Interval interval) {
    return Math.max(1, (interval.durationUs() + 500_000) / 1_000_000);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Writes a file that must not exist; one that could not be written whole is removed again. */
  private static long create(Path file, ByteBuffer... content) throws IOException {
    long at = 0;
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (ByteBuffer each : content) {
        at = DiskFiles.writeFully(out, each, at);
      }
      return at;
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  void append(Interval interval, Instant epoch) throws IOException {
    Interval before = last;
    Instant time =
        before == null || before.endUs() != interval.startUs() || interval.discontinuity()
            ? epoch.plus(Duration.ofNanos(1_000).multipliedBy(interval.startUs()))
            : null;
    boolean discontinuity = interval.discontinuity() && before != null;
    if (roundedS(interval) > targetS) {
      raiseTarget(roundedS(interval));
    }
    switch (interval) {
      case Segment segment -> {
        InitSegment init = segment.init();
        String name = "seg-" + segment.sequence() + ".m4s";
        bytes += writeInit(init) + writeSegment(name, segment);
        mediaBytes += segment.sizeBytes();
        entry(
            EventPlaylist.entry(
                discontinuity,
                init.is(map) ? null : initName(init),
                time,
                false,
                segment.durationUs(),
                name));
        map = init;
        mediaUs += segment.durationUs();
        if (segment.durationUs() > 0) {
          peakBps = Math.max(peakBps, segment.sizeBytes() * 8_000_000 / segment.durationUs());
        }
      }
      case Gap gap ->
          entry(
              EventPlaylist.entry(
                  discontinuity,
                  null,
                  time,
                  true,
                  gap.durationUs(),
                  "gap-" + gap.sequence() + ".m4s"));
    }
    last = interval;
  }

  private static String initName(InitSegment init) {
    return "init-" + init.number() + ".mp4";
  }

  private long writeInit(InitSegment init) throws IOException {
    if (inits.contains(init.number())) {
      return 0;
    }
    long size = create(folder.resolve(initName(init)), ByteBuffer.wrap(init.bytes()));
    inits.add(init.number());
    return size;
  }

  /** A file of this name can only be one that no playlist names: of a group that failed halfway. */
  private long writeSegment(String name, Segment segment) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
    return create(
        folder.resolve(name),
        segment.parts().stream().map(Part::bytes).map(ByteBuffer::wrap).toArray(ByteBuffer[]::new));
  }

  private void entry(String text) throws IOException {
    try (FileChannel out = FileChannel.open(playlist, StandardOpenOption.WRITE)) {
      try {
        playlistBytes = DiskFiles.writeFully(out, ByteBuffer.wrap(utf8(text)), playlistBytes);
      } catch (IOException e) {
        out.truncate(playlistBytes);
        throw e;
      }
    }
  }

  private void raiseTarget(long seconds) throws IOException {
    byte[] text = utf8(EventPlaylist.withTarget(Files.readString(playlist), seconds));
    DiskFiles.replace(playlist, text);
    playlistBytes = text.length;
    targetS = seconds;
  }

  /** Sequence number of the newest entry; -1 without any. */
  long lastSequence() {
    return last == null ? -1 : last.sequence();
  }

  long sizeBytes() {
    return bytes + playlistBytes;
  }

  /** As measured so far (RFC 8216 §4.3.4.2). */
  Bitrates bitrates() {
    long averageBps = mediaUs == 0 ? 0 : mediaBytes * 8_000_000 / mediaUs;
    return new Bitrates(Math.max(peakBps, averageBps), averageBps);
  }

  /**
   * Ends the playlist of a folder; one that has ended stays as it is. What a kill or a power cut
   * left of a last entry is taken away, and so are entries whose files are not there.
   *
   * @return false where it lists no segment
   */
  static boolean finish(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    String text = Files.readString(file);
    if (text.endsWith(EventPlaylist.END)) {
      return text.contains("#EXTINF:");
    }
    int whole = 0;
    for (int at = 0; at < text.length(); ) {
      int end = text.indexOf('\n', at);
      if (end < 0) {
        break;
      }
      String line = text.substring(at, end);
      at = end + 1;
      if (line.startsWith("#EXT-X-INDEPENDENT-SEGMENTS")) {
        whole = at; // the end of the head
      } else if (!line.startsWith("#")) {
        Path named = folder.resolve(line);
        boolean there = line.startsWith("gap-") || (Files.exists(named) && Files.size(named) > 0);
        if (!there) {
          break;
        }
        whole = at;
      }
    }
    String kept = text.substring(0, whole);
    DiskFiles.replace(file, utf8(kept + EventPlaylist.END));
    return kept.contains("#EXTINF:");
  }
}
