package io.millrace.packager.dvr;

import static io.millrace.packager.dvr.Samples.bytes;
import static io.millrace.packager.dvr.Samples.segment;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.disk.DiskQueue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes and is killed at any instant, again and again over the same folder ({@code
 * -Dmillrace.dvr.kills=50} for more of it): what it had said was stored is there, byte for byte,
 * and numbers go on.
 */
class DvrKillTest {
  private static final int KILLS = Integer.getInteger("millrace.dvr.kills", 2);
  private static final int SIZE_BYTES = 60_000;
  private static final long SEED = 20_261_128;

  @TempDir Path root;

  private static DvrStream open(Path root, io.millrace.packager.disk.DiskWork disk)
      throws IOException {
    DvrSettings settings =
        new DvrSettings(
            Duration.ofHours(9), 1L << 30, 1 << 20, Duration.ofHours(1), Duration.ofSeconds(1));
    return DvrDirectory.open(
        root, 1L << 30, disk, System::nanoTime, _ -> new DvrDirectory.Rule(settings, new Told()))
        .stream(Samples.KEY, Samples.EPOCH, "abc");
  }

  /** The process that is killed: writes without end, and says what is stored. */
  static final class Writer {
    public static void main(String[] arguments) throws IOException {
      DiskQueue queue = new DiskQueue("disk", 1 << 20, RuntimeException::printStackTrace);
      DvrStream stream = open(Path.of(arguments[0]), queue);
      long stored = -1;
      for (long next = stream.nextSequence(); ; ) {
        next += stream.rendition("source", "").add(segment(next, SIZE_BYTES), 0) ? 1 : 0;
        long newest = stream.rendition("source", "").lastSequence();
        if (newest > stored) {
          stored = newest;
          System.out.println(stored);
        }
      }
    }
  }

  @Test
  void whatWasStoredWhenTheProcessWasKilledIsThere() throws Exception {
    Random random = new Random(SEED);
    long checked = -1;
    for (int kill = 0; kill < KILLS; kill++) {
      long stored = writeAndKill(checked + 1 + random.nextInt(60));
      DvrStream stream = open(root, (_, task) -> true);
      DvrWindow window = stream.rendition("source", "");
      assertThat(window.lastSequence()).as("kill %d", kill).isGreaterThanOrEqualTo(stored);
      for (long i = Math.max(0, checked); i <= window.lastSequence(); i++) {
        StoredInterval interval = window.find(i);
        assertThat(interval).as("sequence %d", i).isNotNull();
        if (!interval.isGap()) {
          assertThat(window.range(interval).read()).isEqualTo(bytes(segment(i, SIZE_BYTES)));
        }
      }
      checked = window.lastSequence();
    }
  }

  /** Returns the newest that the process had said was stored. */
  private long writeAndKill(long killAfter) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx128m",
                    "-cp",
                    System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")),
                    Writer.class.getName(),
                    root.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long stored = -1;
    try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        long said = line.isEmpty() ? stored : Long.parseLong(line);
        if (said < stored) {
          break; // half a number: the process died on it
        }
        stored = said;
        if (stored >= killAfter) {
          process.toHandle().destroyForcibly(); // and what it has said is read to the end
        }
      }
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(stored).as("it has written").isGreaterThanOrEqualTo(killAfter);
    return stored;
  }
}
