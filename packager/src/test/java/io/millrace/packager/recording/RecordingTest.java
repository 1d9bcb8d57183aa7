package io.millrace.packager.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import io.millrace.packager.MediaListener;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.Tracks;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.ContainerBox;
import io.millrace.packager.bmff.MediaDataBox;
import io.millrace.packager.bmff.MovieFragmentHeaderBox;
import io.millrace.packager.bmff.OpaqueBox;
import io.millrace.packager.bmff.TrackFragmentDecodeTimeBox;
import io.millrace.packager.bmff.TrackFragmentHeaderBox;
import io.millrace.packager.bmff.TrackHeaderBox;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {
  private static final int FIRST = 5;
  private static final int SEGMENTS = 6;

  @TempDir Path folder;
  private final TreeMap<Long, List<RecordedInterval>> sealed = new TreeMap<>();
  private List<RecordedGroup> groups = List.of();

  /** Six segments of video and sound in parts of half a second. */
  @BeforeEach
  void publish() {
    try (Presentation presentation =
        new Presentation(PresentationSettings.of("clip").withInstance("t"), () -> true)) {
      presentation.onMedia(
          new MediaListener() {
            @Override
            public void interval(
                RenditionSpec rendition, Kind kind, Instant epoch, Interval interval) {
              assertThat(epoch).isEqualTo(Tracks.EPOCH);
              sealed
                  .computeIfAbsent(interval.sequence(), _ -> new ArrayList<>())
                  .add(new RecordedInterval(rendition, kind, interval));
            }

            @Override
            public void end() {
              groups =
                  sealed.entrySet().stream()
                      .map(e -> new RecordedGroup(e.getKey(), Tracks.EPOCH, e.getValue()))
                      .toList();
            }
          });
      TrackSink audio = presentation.audio(new RenditionSpec("audio", 100, 0));
      TrackSink video = presentation.video(new RenditionSpec("source", 0, 0));
      video.accept(Tracks.video(Tracks.h264(640, 360)));
      audio.accept(Tracks.audio(Tracks.aac(48_000, 2)));
      for (int i = FIRST; i < FIRST + SEGMENTS; i++) {
        Tracks.segment(video, i, 2L * i, 400);
        audio.accept(Tracks.boundary(i, 2L * i * Tracks.SECOND));
        Tracks.sounds(audio, 2 * i, 2 * i + 2, 60);
      }
      video.accept(new TrackEvent.End("over"));
      audio.accept(new TrackEvent.End("over"));
    }
    assertThat(groups).hasSize(SEGMENTS).allMatch(group -> group.tracks().size() == 2);
  }

  private Path record(String name, int count) throws IOException {
    Mp4Recording recording = Mp4Recording.create(folder.resolve(name), groups.getFirst());
    for (RecordedGroup group : groups.subList(0, count)) {
      assertThat(recording.takes(group)).isTrue();
      recording.write(group);
    }
    assertThat(recording.sizeBytes()).isEqualTo(Files.size(recording.path()));
    if (count == groups.size()) {
      assertThat(recording.durationUs()).isBetween(11_900_000L, 12_100_000L);
      recording.finish();
    }
    return recording.path();
  }

  private record Read(int track, long startTicks, byte[] data) {}

  private static List<Read> fragments(List<Box> file) {
    List<Read> found = new ArrayList<>();
    int number = 0;
    for (int i = 0; i < file.size(); i++) {
      if (!(file.get(i) instanceof ContainerBox moof) || !moof.type().equals("moof")) {
        continue;
      }
      assertThat(moof.children().getFirst()).isEqualTo(new MovieFragmentHeaderBox(++number));
      ContainerBox track = (ContainerBox) moof.children().get(1);
      TrackFragmentHeaderBox header = (TrackFragmentHeaderBox) track.children().get(0);
      TrackFragmentDecodeTimeBox time = (TrackFragmentDecodeTimeBox) track.children().get(1);
      MediaDataBox data = (MediaDataBox) file.get(i + 1);
      found.add(new Read(header.trackId(), time.decodeTimeTicks(), data.data()));
    }
    return found;
  }

  private static byte[] data(List<Read> fragments, int track) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    fragments.stream().filter(read -> read.track == track).forEach(r -> out.writeBytes(r.data));
    return out.toByteArray();
  }

  private byte[] expected(String rendition, int count) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (RecordedGroup group : groups.subList(0, count)) {
      for (RecordedInterval each : group.tracks()) {
        if (each.rendition().name().equals(rendition)
            && each.interval() instanceof Segment segment) {
          for (Part part : segment.parts()) {
            BoxReader.read(part.bytes()).stream()
                .filter(MediaDataBox.class::isInstance)
                .forEach(box -> out.writeBytes(((MediaDataBox) box).data()));
          }
        }
      }
    }
    return out.toByteArray();
  }

  private static OpaqueBox box(List<Box> file, String type) {
    return (OpaqueBox)
        file.stream().filter(box -> box.type().equals(type)).findFirst().orElseThrow();
  }

  @Test
  void allTracksAreInOneFileFromTimeZeroWithAnIndex() throws IOException {
    byte[] bytes = Files.readAllBytes(record("a.mp4", SEGMENTS));
    List<Box> file = BoxReader.read(bytes);
    assertThat(file.stream().map(Box::type).limit(6))
        .containsExactly("ftyp", "moov", "sidx", "free", "moof", "mdat");
    assertThat(file.getLast().type()).isEqualTo("mfra");
    ContainerBox movie = (ContainerBox) file.get(1);
    assertThat(
            movie.children().stream()
                .filter(box -> box.type().equals("trak"))
                .map(box -> ((TrackHeaderBox) ((ContainerBox) box).children().getFirst())))
        .extracting(TrackHeaderBox::trackId, TrackHeaderBox::audible)
        .containsExactly(tuple(1, false), tuple(2, true));
    List<Read> fragments = fragments(file);
    assertThat(fragments.getFirst().track).isEqualTo(1);
    assertThat(fragments.getFirst().startTicks).isZero();
    assertThat(fragments.stream().filter(read -> read.track == 2).findFirst().orElseThrow())
        .satisfies(read -> assertThat(read.startTicks).isBetween(0L, 1_024L));
    assertThat(data(fragments, 1)).isEqualTo(expected("source", SEGMENTS));
    assertThat(data(fragments, 2)).isEqualTo(expected("audio", SEGMENTS));
    checkIndex(bytes, file, SEGMENTS);
  }

  /** ISO/IEC 14496-12 §8.16.3, §8.8.10: what the index says is where it says. */
  private static void checkIndex(byte[] bytes, List<Box> file, int segments) {
    ByteBuffer sidx = ByteBuffer.wrap(box(file, "sidx").content());
    int at = 0;
    for (Box each : file) {
      at += each.sizeBytes();
      if (each.type().equals("sidx")) {
        break;
      }
    }
    assertThat(sidx.getInt(4)).as("reference track").isEqualTo(1);
    assertThat(sidx.getInt(8)).isEqualTo(360_000);
    assertThat(sidx.getShort(30)).as("a subsegment for each segment").isEqualTo((short) segments);
    at += (int) sidx.getLong(20);
    for (int i = 0; i < segments; i++) {
      assertThat(new String(bytes, at + 4, 4)).as("subsegment %d", i).isEqualTo("moof");
      at += sidx.getInt(32 + 12 * i);
      assertThat(sidx.getInt(36 + 12 * i)).isEqualTo(720_000);
    }
    assertThat(new String(bytes, at + 4, 4)).isEqualTo("mfra");
    assertThat(ByteBuffer.wrap(bytes).getInt(bytes.length - 4)).isEqualTo(bytes.length - at);
    ByteBuffer tfra = ByteBuffer.wrap(box(file, "mfra").content());
    assertThat(tfra.getInt(20)).as("random access points").isEqualTo(segments);
    for (int i = 0; i < segments; i++) {
      assertThat(tfra.getLong(24 + 19 * i)).isEqualTo(720_000L * i);
      int moof = (int) tfra.getLong(32 + 19 * i);
      assertThat(new String(bytes, moof + 4, 4)).isEqualTo("moof");
    }
    ContainerBox movie = (ContainerBox) file.get(1);
    ContainerBox extension = (ContainerBox) movie.children().getLast();
    ByteBuffer mehd = ByteBuffer.wrap(((OpaqueBox) extension.children().getFirst()).content());
    assertThat(mehd.getLong(4)).isBetween(720_000L * segments - 9_000, 720_000L * segments + 9_000);
  }

  @Test
  void aFileThatWasCutAnywhereIsFinishedWithWhatIsWhole() throws IOException {
    byte[] whole = Files.readAllBytes(record("whole.mp4", SEGMENTS - 1));
    int header = BoxReader.read(whole).stream().limit(3).mapToInt(Box::sizeBytes).sum();
    Path file = folder.resolve("cut.mp4");
    int found = -1;
    for (int length = header; length <= whole.length; length += 6_997) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThat(Recordings.finish(file)).isTrue();
      byte[] bytes = Files.readAllBytes(file);
      List<Read> fragments = fragments(BoxReader.read(bytes));
      assertThat(fragments.size()).isGreaterThanOrEqualTo(found);
      found = fragments.size();
      byte[] video = data(fragments, 1);
      assertThat(video).isEqualTo(Arrays.copyOf(expected("source", SEGMENTS), video.length));
      assertThat(Recordings.finish(file)).isTrue();
      assertThat(Files.readAllBytes(file)).as("finished once").isEqualTo(bytes);
    }
    Files.write(file, whole);
    Recordings.finish(file);
    byte[] bytes = Files.readAllBytes(file);
    checkIndex(bytes, BoxReader.read(bytes), SEGMENTS - 1);
  }

  @Test
  void theIndexOfAFinishedFileIsTheSameAsOfARepairedOne() throws IOException {
    byte[] finished = Files.readAllBytes(record("a.mp4", SEGMENTS));
    Mp4Recording open = Mp4Recording.create(folder.resolve("b.mp4"), groups.getFirst());
    for (RecordedGroup group : groups) {
      open.write(group);
    }
    Recordings.finish(open.path());
    assertThat(Files.readAllBytes(open.path())).isEqualTo(finished);
  }

  @Test
  void aFileWithoutAWholeHeaderIsRemoved() throws IOException {
    byte[] whole = Files.readAllBytes(record("whole.mp4", 1));
    Path file = folder.resolve("cut.mp4");
    Files.write(file, Arrays.copyOf(whole, 200));
    assertThat(Recordings.finish(file)).isFalse();
    assertThat(file).doesNotExist();
    assertThat(Recordings.finish(file)).as("nothing there").isFalse();
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Path there = Files.writeString(folder.resolve("a.mp4"), "mine");
    assertThatThrownBy(() -> Mp4Recording.create(there, groups.getFirst()))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(there).hasContent("mine");
    Path tree = Files.createDirectory(folder.resolve("tree"));
    assertThatThrownBy(() -> HlsRecording.create(tree, groups.getFirst()))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void anotherTrackOrFormatIsAnotherFile() throws IOException {
    RecordedGroup full = groups.get(1);
    RecordedGroup alone =
        new RecordedGroup(full.sequence(), full.epoch(), full.tracks().subList(0, 1));
    Mp4Recording recording = Mp4Recording.create(folder.resolve("a.mp4"), alone);
    assertThat(recording.takes(alone)).isTrue();
    assertThat(recording.takes(full)).isFalse();
    recording.finish();
  }

  private String playlist(Path tree, String rendition) throws IOException {
    return Files.readString(tree.resolve(rendition).resolve("media.m3u8"));
  }

  @Test
  void aTreeGrowsAsAnEventAndEnds() throws IOException {
    HlsRecording recording = HlsRecording.create(folder.resolve("tree"), groups.getFirst());
    String before = "";
    for (RecordedGroup group : groups) {
      assertThat(recording.takes(group)).isTrue();
      recording.write(group);
      String now = playlist(recording.path(), "source");
      assertThat(now).startsWith(before).doesNotContain("ENDLIST");
      before = now;
    }
    recording.finish();
    assertThat(playlist(recording.path(), "source"))
        .isEqualTo(before + "#EXT-X-ENDLIST\n")
        .startsWith(
            """
            #EXTM3U
            #EXT-X-VERSION:8
            #EXT-X-TARGETDURATION:2
            #EXT-X-MEDIA-SEQUENCE:5
            #EXT-X-PLAYLIST-TYPE:EVENT
            #EXT-X-INDEPENDENT-SEGMENTS
            #EXT-X-MAP:URI="init-0.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:10.250Z
            #EXTINF:2.000000,
            seg-5.m4s
            #EXTINF:2.000000,
            seg-6.m4s
            """);
    for (RecordedGroup group : groups) {
      Segment segment = (Segment) group.tracks().getFirst().interval();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      segment.parts().forEach(part -> bytes.writeBytes(part.bytes()));
      assertThat(recording.path().resolve("source/seg-" + group.sequence() + ".m4s"))
          .hasBinaryContent(bytes.toByteArray());
    }
    assertThat(Files.readString(recording.path().resolve("master.m3u8")))
        .contains("RESOLUTION=640x360", "source/media.m3u8", "URI=\"audio/media.m3u8\"");
  }

  @Test
  void aTreeThatWasLeftOpenEndsBehindItsLastWholeEntry() throws IOException {
    HlsRecording recording = HlsRecording.create(folder.resolve("tree"), groups.getFirst());
    for (RecordedGroup group : groups) {
      recording.write(group);
    }
    Path file = recording.path().resolve("source/media.m3u8");
    String whole = Files.readString(file);
    int head = whole.indexOf("#EXT-X-MAP");
    for (int length = head; length <= whole.length(); length += 7) {
      Files.writeString(file, whole.substring(0, length));
      Recordings.finish(recording.path());
      String closed = Files.readString(file);
      assertThat(closed).endsWith("#EXT-X-ENDLIST\n");
      String kept = closed.substring(0, closed.length() - "#EXT-X-ENDLIST\n".length());
      assertThat(whole).startsWith(kept);
      assertThat(kept.substring(head)).matches("(?s)|.*seg-\\d+\\.m4s\n");
    }
    Files.writeString(file, whole);
    Files.delete(recording.path().resolve("source/seg-8.m4s"));
    Recordings.finish(recording.path());
    assertThat(playlist(recording.path(), "source")).contains("seg-7.m4s").doesNotContain("seg-8");
  }

  @Test
  void aTreeWithoutARenditionForOnceIsFollowedByAnother() throws IOException {
    HlsRecording recording = HlsRecording.create(folder.resolve("tree"), groups.getFirst());
    recording.write(groups.getFirst());
    RecordedGroup next = groups.get(1);
    assertThat(recording.takes(groups.get(2))).as("a number is missing").isFalse();
    assertThat(
            recording.takes(
                new RecordedGroup(next.sequence(), next.epoch(), next.tracks().subList(0, 1))))
        .isFalse();
    assertThat(recording.takes(next)).isTrue();
  }
}
