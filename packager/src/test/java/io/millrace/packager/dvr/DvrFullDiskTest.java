package io.millrace.packager.dvr;

import static io.millrace.packager.dvr.Samples.bytes;
import static io.millrace.packager.dvr.Samples.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.disk.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full is an error for the operator, a gap for who looks back, and nothing else. */
class DvrFullDiskTest {
  private static final long MIB = 1 << 20;

  @TempDir Path folder;
  private long nowNanos;

  @Test
  void aFullDiskIsToldOnceAndLeftBehindAsSoonAsThereIsRoom() throws IOException {
    Told told = new Told();
    try (SmallDisk disk = SmallDisk.mount(folder, 2048)) {
      Path other = disk.path().resolve("somebody-elses");
      Files.write(other, new byte[(int) MIB]);
      DvrSettings settings = DvrSettings.of(Duration.ofHours(1), 64 * MIB);
      DvrWindow window = open(disk, settings, told).rendition("source", "");
      long next = 0;
      while (!window.stats().failed()) {
        assertThat(window.add(segment(next++, 50_000), 0))
            .as("the live path sees nothing")
            .isTrue();
        assertThat(next).isLessThan(60);
      }
      long lost = next - 1;
      assertThat(told.lines).containsExactly("failed source: No space left on device");
      for (int i = 0; i < 20; i++) {
        nowNanos += Duration.ofSeconds(2).toNanos();
        window.add(segment(next++, 50_000), 0);
      }
      assertThat(told.lines).hasSize(1);
      checkAll(window, lost);
      assertThat(window.list(lost, next)).as("at most gaps").allMatch(StoredInterval::isGap);

      Files.delete(other);
      nowNanos += Duration.ofSeconds(6).toNanos();
      long back = next++;
      window.add(segment(back, 50_000), 0);
      assertThat(told.lines.getLast()).isEqualTo("recovered source: " + (back - lost));
      DvrWindow restored = open(disk, settings, told).rendition("source", "");
      for (DvrWindow each : new DvrWindow[] {window, restored}) {
        checkAll(each, lost);
        assertThat(each.list(lost, back))
            .hasSize((int) (back - lost))
            .allMatch(StoredInterval::isGap);
        assertThat(each.range(each.find(back)).read()).isEqualTo(bytes(segment(back, 50_000)));
      }
    }
  }

  private DvrStream open(SmallDisk disk, DvrSettings settings, Told told) throws IOException {
    return DvrDirectory.open(
        disk.path().resolve("dvr"),
        64 * MIB,
        (bytes, task) -> {
          task.run();
          return true;
        },
        () -> nowNanos,
        _ -> new DvrDirectory.Rule(settings, told))
        .stream(Samples.KEY, Samples.EPOCH, "abc");
  }

  private static void checkAll(DvrWindow window, long end) throws IOException {
    for (long i = 0; i < end; i++) {
      assertThat(window.range(window.find(i)).read()).isEqualTo(bytes(segment(i, 50_000)));
    }
  }
}
