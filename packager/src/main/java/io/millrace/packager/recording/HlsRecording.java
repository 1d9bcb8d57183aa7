package io.millrace.packager.recording;

import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.disk.SafeName;
import io.millrace.packager.hls.KeyTags;
import io.millrace.packager.hls.MultivariantPlaylist;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.RenditionView;
import io.millrace.packager.window.SegmentWindow;
import io.millrace.packager.window.Stretch;
import io.millrace.packager.window.WindowSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A folder that any web server can serve: {@code master.m3u8}, and for each rendition a folder with
 * a playlist that grows ({@code EVENT}) and ends when the recording does.
 */
public final class HlsRecording implements Recording {
  static final String MASTER = "master.m3u8";

  /** A multivariant playlist lists no intervals. */
  private static final WindowSnapshot NOTHING =
      new SegmentWindow(Duration.ZERO, Stretch.Writer.NONE, () -> true).snapshot();

  private record Track(RecordedInterval first, PlaylistFile playlist) {}

  private final Path folder;
  private final Map<String, Track> tracks = new LinkedHashMap<>();
  private final long startUs;
  private long endUs;
  private long lastSequence;

  private HlsRecording(Path folder, RecordedGroup first) {
    this.folder = folder;
    this.startUs = first.startUs();
    this.endUs = startUs;
    this.lastSequence = first.sequence() - 1;
  }

  /**
   * Begins a tree for the renditions of {@code first} that have media; the group itself is not
   * written yet.
   *
   * @param folder that does not exist; nothing is ever overwritten
   */
  public static HlsRecording create(Path folder, RecordedGroup first) throws IOException {
    Files.createDirectory(folder);
    HlsRecording recording = new HlsRecording(folder, first);
    for (RecordedInterval each : first.tracks()) {
      if (each.interval() instanceof Segment segment) {
        String name = each.rendition().name();
        recording.tracks.put(
            name, new Track(each, PlaylistFile.create(folder.resolve(SafeName.of(name)), segment)));
      }
    }
    return recording;
  }

  @Override
  public Path path() {
    return folder;
  }

  /** Formats may change; renditions may neither come nor miss an interval. */
  @Override
  public boolean takes(RecordedGroup group) {
    return group.sequence() == lastSequence + 1
        && group.tracks().size() == tracks.size()
        && group.tracks().stream().allMatch(each -> tracks.containsKey(each.rendition().name()));
  }

  /** Where it failed halfway, the renditions that were written have one entry more. */
  @Override
  public void write(RecordedGroup group) throws IOException {
    for (RecordedInterval each : group.tracks()) {
      Track track = tracks.get(each.rendition().name());
      if (track != null && track.playlist.lastSequence() < group.sequence()) {
        track.playlist.append(each.interval(), group.epoch());
      }
    }
    if (!Files.exists(folder.resolve(MASTER))) {
      writeMaster();
    }
    lastSequence = group.sequence();
    endUs = Math.max(endUs, group.endUs());
  }

  private void writeMaster() throws IOException {
    List<RenditionView> videos = new ArrayList<>();
    List<RenditionView> audios = new ArrayList<>();
    for (Track track : tracks.values()) {
      List<RenditionView> list = track.first.kind() == Kind.VIDEO ? videos : audios;
      list.add(view(track, list.size()));
    }
    DiskFiles.replace(
        folder.resolve(MASTER),
        new MultivariantPlaylist(videos, audios, List.of(), KeyTags.of(null), null, "")
            .render()
            .getBytes(StandardCharsets.UTF_8));
  }

  private static RenditionView view(Track track, int number) {
    if (!(track.first.interval() instanceof Segment segment)) {
      throw new IllegalStateException("a track begins with media");
    }
    return new RenditionView(
        SafeName.of(track.first.rendition().name()),
        track.first.rendition().label(),
        track.first.rendition().language(),
        number,
        segment.init().format(),
        track.playlist.bitrates(),
        NOTHING);
  }

  @Override
  public long sizeBytes() {
    return tracks.values().stream().mapToLong(track -> track.playlist.sizeBytes()).sum();
  }

  @Override
  public long durationUs() {
    return endUs - startUs;
  }

  @Override
  public void finish() throws IOException {
    if (lastSequence >= 0) {
      writeMaster(); // with the bit rates of the whole
    }
    var unused = finish(folder);
  }

  /** Ends every playlist of a tree. */
  static boolean finish(Path folder) throws IOException {
    boolean media = false;
    List<Path> renditions;
    try (Stream<Path> entries = Files.list(folder)) {
      renditions = entries.filter(Files::isDirectory).sorted().toList();
    }
    for (Path rendition : renditions) {
      if (Files.exists(rendition.resolve(PlaylistFile.NAME))) {
        media |= PlaylistFile.finish(rendition);
      }
    }
    return media;
  }
}
