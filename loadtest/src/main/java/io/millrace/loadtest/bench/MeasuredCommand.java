package io.millrace.loadtest.bench;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end and says what the whole process took. */
final class MeasuredCommand {
  private static final long POLL_MS = 20;

  private MeasuredCommand() {}

  /**
   * What it took, from its start to its end.
   *
   * @param cpuS user and system time of the process and of its children
   * @param peakResidentKib as last seen up to 20 ms before the end
   * @param output all that it wrote
   */
  record Usage(double cpuS, double wallS, long peakResidentKib, String output) {}

  /**
   * Runs it. No other child of this JVM may end meanwhile: its time would be counted too.
   *
   * @throws IOException when it fails or takes longer than {@code limit}
   */
  static Usage run(List<String> command, Path directory, Duration limit)
      throws IOException, InterruptedException {
    long ticksBefore = ProcessUsage.reapedCpuTicks();
    long startNs = System.nanoTime();
    Path log = directory.resolve("measured.log");
    try (ManagedProcess process = ManagedProcess.start(command, directory, log)) {
      long peakKib = 0;
      while (!process.await(POLL_MS, TimeUnit.MILLISECONDS)) {
        peakKib = Math.max(peakKib, ProcessUsage.peakResidentKib(process.pid()));
        if (System.nanoTime() - startNs > limit.toNanos()) {
          break;
        }
      }
      double wallS = (System.nanoTime() - startNs) / 1e9;
      process.awaitSuccess(Duration.ZERO);
      long ticks = ProcessUsage.reapedCpuTicks() - ticksBefore;
      double cpuS = (double) ticks / ProcStat.TICKS_PER_SECOND;
      return new Usage(cpuS, wallS, peakKib, Files.readString(log));
    }
  }
}
