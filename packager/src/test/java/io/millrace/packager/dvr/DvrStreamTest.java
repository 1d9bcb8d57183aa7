package io.millrace.packager.dvr;

import static io.millrace.packager.dvr.Samples.EPOCH;
import static io.millrace.packager.dvr.Samples.KEY;
import static io.millrace.packager.dvr.Samples.SEGMENT_TICKS;
import static io.millrace.packager.dvr.Samples.bytes;
import static io.millrace.packager.dvr.Samples.gap;
import static io.millrace.packager.dvr.Samples.init;
import static io.millrace.packager.dvr.Samples.segment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskWork;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DvrStreamTest {
  private static final long MIB = 1 << 20;

  @TempDir Path root;
  private final Told told = new Told();
  private long nowNanos;
  private boolean busy;

  /** Does each task at once, or refuses it. */
  private final DiskWork disk =
      (bytes, task) -> {
        if (busy) {
          return false;
        }
        task.run();
        return true;
      };

  private DvrSettings settings = DvrSettings.of(Duration.ofHours(1), 64 * MIB);
  private long overallBytes = 256 * MIB;

  private DvrDirectory directory() throws IOException {
    return DvrDirectory.open(
        root, overallBytes, disk, () -> nowNanos, _ -> new DvrDirectory.Rule(settings, told));
  }

  private DvrStream stream() throws IOException {
    return directory().stream(KEY, EPOCH, "abc");
  }

  private static void check(DvrWindow window, Interval expected) throws IOException {
    StoredInterval stored = window.find(expected.sequence());
    assertThat(stored).as("sequence %d", expected.sequence()).isNotNull();
    assertThat(stored.discontinuity()).isEqualTo(expected.discontinuity());
    assertThat(stored.boundaryTicks()).isEqualTo(expected.boundaryTicks());
    assertThat(stored.startTicks()).isEqualTo(expected.startTicks());
    assertThat(stored.endTicks()).isEqualTo(expected.endTicks());
    assertThat(stored.timescale()).isEqualTo(expected.timescale());
    if (expected instanceof Segment segment) {
      assertThat(window.range(stored).read()).isEqualTo(bytes(segment));
      assertThat(window.startingAt(segment.startTicks())).isEqualTo(stored);
      assertThat(window.range("seg-abc-" + segment.startTicks() + ".m4s"))
          .isEqualTo(window.range(stored));
      assertThat(stored.sampleCount()).isEqualTo(segment.sampleCount());
      assertThat(window.init(stored.initNumber()).bytes()).isEqualTo(segment.init().bytes());
      assertThat(window.init(stored.initNumber()).format()).isEqualTo(segment.init().format());
      assertThat(window.parts(stored))
          .isEqualTo(
              segment.parts().stream()
                  .map(
                      part ->
                          new StoredPart(
                              part.startTicks(),
                              part.endTicks(),
                              part.independent(),
                              part.bytes().length))
                  .toList());
    } else {
      assertThat(stored.isGap()).isTrue();
      assertThat(window.range(stored)).isNull();
      assertThat(window.startingAt(stored.startTicks())).isNull();
    }
  }

  private static List<Long> sequences(DvrWindow window) {
    return window.list(0, Long.MAX_VALUE).stream().map(StoredInterval::sequence).toList();
  }

  @Test
  void everythingIsThereAgainAfterARestart() throws IOException {
    List<Interval> all = new ArrayList<>();
    DvrWindow video = stream().rendition("source", "");
    assertThat(video.add(gap(6), 0)).as("a gap before any media is not listed").isTrue();
    for (long i = 7; i < 40; i++) {
      Interval interval = i == 20 ? gap(i) : segment(i, 2_000, init(i < 30 ? 0 : 1), i == 30);
      all.add(interval);
      assertThat(video.add(interval, i <= 30 ? 3 : 4)).isTrue();
    }
    for (int starts = 0; starts < 3; starts++) {
      DvrStream again = stream();
      assertThat(again.epoch()).isEqualTo(EPOCH);
      assertThat(again.instance()).isEqualTo("abc");
      assertThat(again.renditions()).containsExactly("source");
      assertThat(again.nextSequence()).isEqualTo(40 + starts);
      assertThat(again.discontinuities()).isEqualTo(4);
      DvrWindow window = again.find("source");
      for (Interval interval : all) {
        check(window, interval);
      }
      Segment next = segment(40 + starts, 2_000, init(1), false);
      assertThat(window.add(next, 4)).isTrue();
      all.add(next);
      check(window, next);
      assertThat(sequences(window)).isEqualTo(LongStream.range(7, 41 + starts).boxed().toList());
    }
    assertThat(told.lines).isEmpty();
  }

  @Test
  void anotherEpochIsIgnoredWhereTheStreamHasOne() throws IOException {
    stream().rendition("a", "").add(segment(0, 10), 0);
    DvrStream again = directory().stream(KEY, EPOCH.plusSeconds(99), "zzz");
    assertThat(again.epoch()).isEqualTo(EPOCH);
    assertThat(again.instance()).isEqualTo("abc");
  }

  private Path only(String ending) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.filter(path -> path.toString().endsWith(ending)).findFirst().orElseThrow();
    }
  }

  @Test
  void wherverTheIndexIsTornWhatIsWholeStays() throws IOException {
    DvrWindow window = stream().rendition("source", "");
    for (long i = 0; i < 3; i++) {
      window.add(segment(i, 300), 0);
    }
    byte[] index = Files.readAllBytes(only(".index"));
    byte[] data = Files.readAllBytes(only(".data"));
    Path indexFile = only(".index");
    Path dataFile = only(".data");
    // Every byte of the last record, and some of those before.
    for (int length = index.length - 1;
        length >= 0;
        length -= length > index.length - 60 ? 3 : 41) {
      Files.write(dataFile, data);
      Files.write(indexFile, Arrays.copyOf(index, length));
      List<SegmentFile> found = new ArrayList<>();
      SegmentFile file = SegmentFile.restore(indexFile.getParent(), firstName(indexFile), told);
      if (file != null) {
        found.add(file);
      }
      int whole = found.isEmpty() ? 0 : found.getFirst().intervals().size();
      assertThat(whole).isLessThan(3);
      assertThat(Files.exists(dataFile)).isEqualTo(whole > 0);
      if (length == index.length - 1) {
        assertThat(whole).isEqualTo(2);
        DvrWindow restored = stream().rendition("source", "");
        assertThat(sequences(restored)).containsExactly(0L, 1L);
        check(restored, segment(1, 300));
        restored.add(segment(2, 400), 0);
        check(stream().rendition("source", ""), segment(2, 400));
      }
    }
    assertThat(told.lines).isNotEmpty().allMatch(line -> line.contains("torn"));
  }

  private static String firstName(Path index) {
    return index.getFileName().toString().replace(SegmentFile.INDEX, "");
  }

  @Test
  void dataThatDoesNotMatchItsChecksumEndsAFileThatWasNotForced() throws IOException {
    DvrWindow window = stream().rendition("source", "");
    for (long i = 0; i < 5; i++) {
      window.add(segment(i, 1_000), 0);
    }
    long at = window.find(3).position() + 17;
    try (FileChannel file = FileChannel.open(only(".data"), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(64), at); // what a power cut leaves: zeros
    }
    DvrWindow restored = stream().rendition("source", "");
    assertThat(sequences(restored)).containsExactly(0L, 1L, 2L);
    check(restored, segment(2, 1_000));
  }

  @Test
  void wholeFilesLeaveAtTheOldEndWhenTheWindowSlides() throws IOException {
    settings =
        new DvrSettings(
            Duration.ofSeconds(60), 64 * MIB, MIB, Duration.ofSeconds(10), Duration.ofSeconds(5));
    DvrWindow window = stream().rendition("source", "");
    for (long i = 0; i < 150; i++) {
      window.add(segment(i, 100, init((int) (i / 50)), false), 0);
      long first = window.firstSequence();
      assertThat(i - first).as("the window, and a file at most").isLessThan(30 + 6);
      if (i > 40) {
        assertThat(i - first + 1).isGreaterThanOrEqualTo(30);
      }
    }
    try (Stream<Path> tree = Files.walk(root)) {
      List<String> names = tree.map(path -> path.getFileName().toString()).toList();
      assertThat(names.stream().filter(name -> name.endsWith(".data")).count()).isLessThan(9);
      assertThat(names).contains("2.init").doesNotContain("0.init", "1.init");
    }
    assertThat(sequences(stream().rendition("source", "")))
        .isEqualTo(LongStream.rangeClosed(window.firstSequence(), 149).boxed().toList());
  }

  @Test
  void aStreamKeepsToItsBytesAndAllOfThemToTheirs() throws IOException {
    settings =
        new DvrSettings(
            Duration.ofHours(9), 4 * MIB, MIB / 4, Duration.ofHours(1), Duration.ofSeconds(5));
    overallBytes = 6 * MIB;
    DvrDirectory directory = directory();
    DvrStream first = directory.stream(KEY, EPOCH, "abc");
    DvrStream second =
        directory.stream(new StreamKey("live", "b"), EPOCH.plusSeconds(3_600), "abc");
    for (long i = 0; i < 100; i++) {
      first.rendition("source", "").add(segment(i, 80_000), 0);
      first.rendition("audio", "").add(segment(i, 8_000), 0);
      assertThat(first.sizeBytes()).isLessThanOrEqualTo(4 * MIB);
    }
    assertThat(first.sizeBytes()).isGreaterThan(3 * MIB);
    for (long i = 0; i < 100; i++) {
      second.rendition("source", "").add(segment(i, 40_000), 0);
      assertThat(directory.sizeBytes()).isLessThanOrEqualTo(6 * MIB);
    }
    assertThat(first.sizeBytes()).as("the older one has made room").isLessThan(5 * MIB / 2);
    assertThat(second.sizeBytes()).isGreaterThan(7 * MIB / 2);
    assertThat(directory().sizeBytes()).as("counted again").isLessThanOrEqualTo(6 * MIB);
  }

  @Test
  void aStreamThatNobodyPublishesAgesByTheClock() throws IOException {
    DvrDirectory directory = directory();
    DvrWindow window = directory.stream(KEY, EPOCH, "abc").rendition("source", "");
    window.add(segment(0, 100), 0);
    directory.sweep(EPOCH.plusSeconds(3_000), _ -> false);
    assertThat(window.lastSequence()).isZero();
    directory.sweep(EPOCH.plusSeconds(4_000), _ -> true);
    assertThat(window.lastSequence()).isZero();
    directory.sweep(EPOCH.plusSeconds(4_000), _ -> false);
    assertThat(window.lastSequence()).isEqualTo(-1);
  }

  @Test
  void whatADiskIsTooSlowForIsAGap() throws IOException {
    DvrWindow window = stream().rendition("source", "");
    window.add(segment(0, 100), 0);
    busy = true;
    assertThat(window.add(segment(1, 100), 0)).isFalse();
    assertThat(window.add(segment(2, 100), 0)).isFalse();
    busy = false;
    assertThat(window.add(segment(3, 100), 0)).isTrue();
    for (DvrWindow each : List.of(window, stream().rendition("source", ""))) {
      check(each, gap(1));
      check(each, gap(2));
      check(each, segment(3, 100));
    }
    assertThat(window.stats().holes()).isEqualTo(2);
  }

  @Test
  void aDiskThatFailsIsToldOnceAndTriedAgain() throws IOException {
    Path folder = root.resolve("live/a/source");
    DvrWindow window = stream().rendition("source", "");
    window.add(segment(0, 100), 0);
    window.add(segment(1, 100), 0);
    DvrWindow restarted = stream().rendition("source", ""); // begins a file of its own
    Path away = root.resolve("away");
    Files.move(folder, away);
    Files.writeString(folder, "in the way");
    restarted.add(segment(2, 100), 0);
    restarted.add(segment(3, 100), 0);
    nowNanos += Duration.ofSeconds(6).toNanos();
    restarted.add(segment(4, 100), 0);
    assertThat(told.lines).singleElement().asString().startsWith("failed source: ");
    assertThat(restarted.stats().failed()).isTrue();
    Files.delete(folder);
    Files.move(away, folder);
    restarted.add(segment(5, 100), 0);
    assertThat(restarted.stats().failed()).as("not yet time").isTrue();
    nowNanos += Duration.ofSeconds(6).toNanos();
    restarted.add(segment(6, 100), 0);
    assertThat(told.lines.getLast()).isEqualTo("recovered source: 4");
    for (DvrWindow each : List.of(restarted, stream().rendition("source", ""))) {
      check(each, segment(1, 100));
      for (long i = 2; i < 6; i++) {
        check(each, gap(i));
      }
      check(each, segment(6, 100));
    }
  }

  @Test
  void aReaderKeepsAFileThatHasBeenRemoved() throws IOException {
    settings =
        new DvrSettings(
            Duration.ofSeconds(20), 64 * MIB, MIB, Duration.ofSeconds(4), Duration.ofSeconds(5));
    DvrWindow window = stream().rendition("source", "");
    window.add(segment(0, 100), 0);
    FileRange range = window.range(window.find(0));
    try (FileChannel reader = range.open()) {
      for (long i = 1; i < 100; i++) {
        window.add(segment(i, 100), 0);
      }
      assertThat(window.find(0)).isNull();
      ByteBuffer read = ByteBuffer.allocate(range.sizeBytes());
      reader.read(read, range.position());
      assertThat(read.array()).isEqualTo(bytes(segment(0, 100)));
    }
    assertThatThrownBy(range::read).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aWindowOfTwelveHoursIsFoundInByNumberStartAndTime() throws IOException {
    settings = DvrSettings.of(Duration.ofHours(12), 4_096 * MIB);
    DvrWindow window = stream().rendition("source", "");
    int count = 12 * 1_800; // segments of two seconds
    for (long i = 0; i < count; i++) {
      window.add(segment(i, 8), 0);
    }
    assertThat(window.list(0, Long.MAX_VALUE)).hasSize(count);
    for (long i = 0; i < count; i += 977) {
      StoredInterval found = window.find(i);
      assertThat(found.sequence()).isEqualTo(i);
      assertThat(window.startingAt(i * SEGMENT_TICKS)).isSameAs(found);
      assertThat(window.startingAt(i * SEGMENT_TICKS + 1)).isNull();
      assertThat(window.list(i, i + 3)).hasSizeGreaterThan(0).first().isSameAs(found);
      assertThat(window.between(2_000_000 * i + 1, 2_000_000 * i + 2)).containsExactly(found);
    }
    assertThat(window.find(-1)).isNull();
    assertThat(window.find(count)).isNull();
    assertThat(stream().rendition("source", "").list(0, Long.MAX_VALUE)).hasSize(count);
  }

  @Test
  void namesStayWithinTheFolder() throws IOException {
    DvrDirectory directory = directory();
    List<StreamKey> keys =
        List.of(
            new StreamKey("..", ".."),
            new StreamKey("../../etc", "passwd"),
            new StreamKey("live", "a/b"),
            new StreamKey("live", "a%2Fb"),
            new StreamKey("", ""),
            new StreamKey("live", "ü".repeat(200)),
            new StreamKey("live", "ü".repeat(201)));
    for (StreamKey key : keys) {
      directory.stream(key, EPOCH, "abc").rendition("../" + key.name(), "").add(segment(1, 10), 0);
    }
    try (Stream<Path> above = Files.list(root.getParent())) {
      assertThat(above.filter(path -> !path.equals(root)).map(Path::toString))
          .noneMatch(path -> path.endsWith("etc") || path.endsWith("passwd"));
    }
    DvrDirectory again = directory();
    for (StreamKey key : keys) {
      DvrStream stream = again.find(key);
      assertThat(stream).as(key.toString()).isNotNull();
      assertThat(stream.nextSequence()).isEqualTo(2);
      assertThat(stream.renditions()).containsExactly("../" + key.name());
    }
  }

  @Test
  void onlyItsOwnNamesAreFiles() throws IOException {
    DvrWindow window = stream().rendition("source", "");
    window.add(segment(0, 10), 0);
    assertThat(window.range("seg-abc-0.m4s")).isNotNull();
    for (String name :
        List.of(
            "seg-abc-00.m4s",
            "seg-abc-.m4s",
            "seg-abd-0.m4s",
            "seg-abc-0.m4s.m4s",
            "seg-abc--0.m4s",
            "seg-abc-٠.m4s",
            "../seg-abc-0.m4s",
            "seg-abc-99999999999999999999999.m4s",
            "stream.meta")) {
      assertThat(window.range(name)).as(name).isNull();
    }
  }
}
