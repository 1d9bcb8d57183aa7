package io.millrace.loadtest.bench;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** Runs programs to their end and says what the whole processes took. */
final class MeasuredCommand {
  private static final long POLL_MS = 20;

  private MeasuredCommand() {}

  /**
   * What they took, from the first one's start to the last one's end.
   *
   * @param cpuS user and system time of the processes and of their children
   * @param peakResidentKib the sum of each one's own peak, as last seen up to 20 ms before its end
   * @param output all that they wrote, one after the other
   */
  record Usage(double cpuS, double wallS, long peakResidentKib, String output) {}

  /**
   * Runs them side by side. No other child of this JVM may end meanwhile: its time would be counted
   * too.
   *
   * @throws IOException when one fails, or they take longer than {@code limit}
   */
  static Usage runAll(List<List<String>> commands, Path directory, Duration limit)
      throws IOException, InterruptedException {
    long ticksBefore = ProcessUsage.reapedCpuTicks();
    long startNs = System.nanoTime();
    List<ManagedProcess> processes = new ArrayList<>();
    List<Path> logs = new ArrayList<>();
    try {
      for (List<String> command : commands) {
        logs.add(directory.resolve("measured-" + logs.size() + ".log"));
        processes.add(ManagedProcess.start(command, directory, logs.getLast()));
      }
      long[] peaksKib = new long[processes.size()];
      boolean running = true;
      while (running && System.nanoTime() - startNs < limit.toNanos()) {
        running = false;
        for (int i = 0; i < peaksKib.length; i++) {
          long pid = processes.get(i).pid();
          peaksKib[i] = Math.max(peaksKib[i], ProcessUsage.peakResidentKib(pid));
          running |= processes.get(i).isAlive();
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
      }
      double wallS = (System.nanoTime() - startNs) / 1e9;
      StringBuilder output = new StringBuilder();
      for (int i = 0; i < peaksKib.length; i++) {
        processes.get(i).awaitSuccess(Duration.ZERO);
        output.append(Files.readString(logs.get(i)));
      }
      long ticks = ProcessUsage.reapedCpuTicks() - ticksBefore;
      double cpuS = (double) ticks / ProcStat.TICKS_PER_SECOND;
      return new Usage(cpuS, wallS, LongStream.of(peaksKib).sum(), output.toString());
    } finally {
      processes.forEach(ManagedProcess::close);
    }
  }
}
