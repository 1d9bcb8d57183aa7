package io.millrace.server.budget;

import io.millrace.codec.cost.CostBenchmark;
import io.millrace.codec.cost.Costs;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.ladder.Engines;
import io.millrace.server.budget.Calibration.Identity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Measures this machine, on a thread that stands back behind everything else. A server never does:
 * it would take from its streams what it wants to know.
 */
public final class Calibrator {
  private static final Path RENICE = Path.of("/usr/bin/renice");
  private static final String NICE = "15";
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private final Engines engines;
  private final String version;
  private final InstantSource clock;

  /**
   * @param version of Millrace
   */
  public Calibrator(Engines engines, String version, InstantSource clock) {
    this.engines = engines;
    this.version = version;
    this.clock = clock;
  }

  /** What a calibration has to be of to be true here. */
  public Identity identity() {
    return new Identity(
        cpu(),
        Machine.cores(),
        Engines.h264() + " of FFmpeg " + FfmpegEngines.release(),
        "SVT-AV1 "
            + engines.av1().choice().version()
            + " ("
            + engines.av1().choice().engine()
            + ")",
        version);
  }

  /**
   * Whether a calibration is of this machine and release. A server does not load the encoders that
   * its workers use, and leaves it at that.
   */
  public static boolean isOfThisMachine(Calibration calibration, String version) {
    Identity identity = calibration.identity();
    return identity.cpu().equals(cpu())
        && identity.cores() == Machine.cores()
        && identity.version().equals(version);
  }

  private static String cpu() {
    try {
      for (String line : Files.readAllLines(CPU_INFO)) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException _) {
      return System.getProperty("os.arch", "unknown");
    }
    return System.getProperty("os.arch", "unknown");
  }

  /**
   * Measures; ten to twenty seconds.
   *
   * @param progress told what is being measured, on another thread
   * @throws io.millrace.codec.CodecException where nothing can be encoded
   */
  public Calibration run(Consumer<String> progress) throws InterruptedException {
    FutureTask<Costs> task =
        new FutureTask<>(
            () -> {
              standBack();
              return new CostBenchmark(engines, progress).run();
            });
    Thread.ofPlatform().name("calibrate").daemon().start(task);
    try {
      Costs costs = task.get();
      return new Calibration(identity(), clock.instant().truncatedTo(ChronoUnit.SECONDS), costs);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Linux: this thread only, and those that it starts. Where it cannot be done, it is not. */
  private static void standBack() throws InterruptedException {
    try {
      Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
      if (Files.isExecutable(RENICE)) {
        Process renice =
            new ProcessBuilder(RENICE.toString(), "-n", NICE, "-p", self.getFileName().toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var unused = renice.waitFor(5, TimeUnit.SECONDS);
      }
    } catch (IOException _) {
      // Not on Linux, or no such program: it is quick enough to be borne.
      return;
    }
  }
}
