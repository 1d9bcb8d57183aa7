package io.millrace.server.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.recording.Recordings;
import io.millrace.server.config.RecordPolicy;
import io.millrace.server.event.Told;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream of two seconds an interval, and what becomes of it on disk. */
class RecorderTest {
  private static final StreamKey KEY = new StreamKey("live", "../a");
  private static final Instant EPOCH = Instant.parse("2026-11-28T10:00:00Z");
  private static final int SECOND = 360_000;

  @TempDir Path folder;
  private Path to;
  private long nowNanos;
  private int frameBytes = 200;
  private final Presentation presentation =
      new Presentation(PresentationSettings.of("a").withInstance("t"), () -> true);
  private final List<Path> finished = new ArrayList<>();
  private OpenRecordings journal;
  private RecordingWriter writer;
  private TrackSink video;
  private TrackSink audio;
  private int format;

  @BeforeEach
  void folders() throws IOException {
    to = Files.createDirectory(folder.resolve("to"));
    journal = journal();
  }

  private OpenRecordings journal() {
    return new OpenRecordings(folder.resolve("open"), (_, recording) -> finished.add(recording));
  }

  private final Told told = new Told();

  private void open(RecordPolicy.Format kind, Duration maxDuration, long maxBytes) {
    RecordPolicy policy = new RecordPolicy(to, kind, maxDuration, maxBytes, null);
    writer = new RecordingWriter(KEY, policy, journal, () -> nowNanos, told);
    presentation.onMedia(
        new Recorder(
            presentation,
            (bytes, task) -> {
              task.run();
              return true;
            },
            writer,
            () -> {}));
    video = presentation.video(new RenditionSpec("source", 0, 0));
    presentation.video(new RenditionSpec("360p", 1, 700_000)); // a rung, which is not recorded
    audio = presentation.audio(new RenditionSpec("audio", 100, 128_000));
    changeFormat();
    audio.accept(
        new Format(
            TrackEvent.AUDIO_TRACK,
            new TrackFormat.Audio(
                AudioCodec.AAC, "mp4a.40.2", new byte[] {0x11, (byte) 0x90}, 48_000, 2, 1024)));
  }

  private void changeFormat() {
    video.accept(
        new Format(
            TrackEvent.VIDEO_TRACK,
            new TrackFormat.Video(
                VideoCodec.H264,
                "avc1.64001f",
                new byte[] {1, 0x64, 0, 0x1F, (byte) format++},
                640,
                360,
                Rational.ONE,
                new Rational(30, 1),
                Colour.UNSPECIFIED,
                0)));
  }

  private void interval(long sequence) {
    long start = 2 * SECOND * sequence;
    Boundary boundary = new Boundary(sequence, start, EPOCH, false);
    video.accept(boundary);
    audio.accept(boundary);
    for (int i = 0; i < 60; i++) {
      long ticks = start + i * 12_000L;
      video.accept(
          new Sample(
              TrackEvent.VIDEO_TRACK,
              ticks,
              ticks,
              12_000,
              i == 0,
              Unpooled.wrappedBuffer(new byte[frameBytes])));
    }
    long from = Math.ceilDiv(96_000 * sequence, 1024);
    for (long i = from; i * 1024 < 96_000 * (sequence + 1); i++) {
      audio.accept(
          new Sample(
              TrackEvent.AUDIO_TRACK,
              i * 1024,
              i * 1024,
              1024,
              true,
              Unpooled.wrappedBuffer(new byte[60])));
    }
  }

  private void intervals(int from, int to) {
    for (int i = from; i < to; i++) {
      interval(i);
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> tree = Files.walk(to)) {
      return tree.filter(path -> path.toString().endsWith(".mp4"))
          .map(path -> to.relativize(path).toString())
          .sorted()
          .toList();
    }
  }

  private List<Path> notes() throws IOException {
    Path open = folder.resolve("open");
    if (!Files.exists(open)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(open)) {
      return entries.toList();
    }
  }

  @Test
  void isNamedByStreamAndDateAndFollowedWhereItIsLongOrAFormatChanges() throws IOException {
    open(RecordPolicy.Format.FMP4, Duration.ofSeconds(6), 1 << 30);
    intervals(0, 5);
    changeFormat();
    intervals(5, 7);
    assertThat(notes()).as("one is open").hasSize(1);
    presentation.close();
    String name = "live/%2E.%2Fa/%2E.%2Fa-20261128T";
    assertThat(files())
        .containsExactly(name + "100000Z.mp4", name + "100006Z.mp4", name + "100010Z.mp4");
    assertThat(notes()).isEmpty();
    assertThat(finished).hasSize(3);
    assertThat(writer.stats().started()).isEqualTo(3);
    assertThat(writer.stats().lostSeconds()).isZero();
  }

  @Test
  void nothingThatIsThereIsOverwritten() throws IOException {
    Path there = to.resolve("live/%2E.%2Fa");
    Files.createDirectories(there);
    Files.writeString(there.resolve("%2E.%2Fa-20261128T100000Z.mp4"), "mine");
    open(RecordPolicy.Format.FMP4, Duration.ofHours(6), 1 << 30);
    intervals(0, 2);
    presentation.close();
    assertThat(files()).hasSize(2);
    assertThat(there.resolve("%2E.%2Fa-20261128T100000Z.mp4")).hasContent("mine");
    assertThat(there.resolve("%2E.%2Fa-20261128T100000Z-2.mp4")).isNotEmptyFile();
  }

  @Test
  void aRecordingThatWasLeftOpenIsFinishedAtTheNextStart() throws IOException {
    open(RecordPolicy.Format.FMP4, Duration.ofHours(6), 1 << 30);
    intervals(0, 4);
    Path left = to.resolve(files().getFirst());
    long size = Files.size(left);
    assertThat(notes()).hasSize(1);
    journal().finishAll(); // what another process does that knows no more than the disk
    assertThat(notes()).isEmpty();
    assertThat(finished).containsExactly(left);
    assertThat(Files.size(left)).isGreaterThan(size);
  }

  @Test
  void aFullDiskEndsTheRecordingAndAnotherBeginsWhenThereIsRoom() throws IOException {
    frameBytes = 4_000;
    try (SmallDisk disk = SmallDisk.mount(to, 3_072)) {
      Path other = disk.path().resolve("somebody-elses");
      Files.write(other, new byte[1 << 20]);
      open(RecordPolicy.Format.FMP4, Duration.ofHours(6), 1 << 30);
      intervals(0, 20);
      assertThat(presentation.renditions().getFirst().segments())
          .as("the stream goes on")
          .isEqualTo(19);
      RecordingStats full = writer.stats();
      assertThat(full.failed()).isTrue();
      assertThat(full.errors()).isEqualTo(1);
      assertThat(full.lostSeconds()).isGreaterThan(10);
      Files.delete(other);
      nowNanos += RecordingWriter.RETRY.plusSeconds(1).toNanos();
      intervals(20, 22);
      presentation.close();
      assertThat(writer.stats().failed()).isFalse();
      assertThat(writer.stats().errors()).isEqualTo(1);
      assertThat(files()).hasSize(2);
      assertThat(told.words())
          .startsWith("recording.started", "recording.failed", "recording.finished")
          .endsWith("recording.started", "recording.finished");
      assertThat(notes()).as("both are finished").isEmpty();
      assertThat(finished).hasSize(2);
      for (Path each : finished) {
        byte[] bytes = Files.readAllBytes(each);
        assertThat(Recordings.finish(each)).isTrue();
        assertThat(each).hasBinaryContent(bytes);
      }
    }
  }

  @Test
  void aTreeIsAFolderOfTheStreamAndDate() throws IOException {
    open(RecordPolicy.Format.HLS, Duration.ofHours(6), 1 << 30);
    intervals(0, 3);
    presentation.close();
    Path tree = to.resolve("live/%2E.%2Fa/%2E.%2Fa-20261128T100000Z");
    assertThat(tree.resolve("master.m3u8")).content().contains("source/media.m3u8");
    assertThat(tree.resolve("source/media.m3u8")).content().contains("seg-2.m4s", "ENDLIST");
    assertThat(tree.resolve("audio/media.m3u8")).content().contains("seg-2.m4s", "ENDLIST");
    assertThat(tree.resolve("360p")).doesNotExist();
  }
}
