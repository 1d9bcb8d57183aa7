package io.millrace.loadtest.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The whole machine's CPU time so far, from the first line of {@code /proc/stat} (proc_stat(5)): it
 * tells whether somebody else was at work during a measurement.
 *
 * @param busyTicks everything but idle and waiting for disks; stolen time included
 * @param totalTicks of all CPUs together
 */
public record MachineLoad(long busyTicks, long totalTicks) {
  public static MachineLoad now() {
    try (var lines = Files.lines(Path.of("/proc/stat"))) {
      return parse(lines.findFirst().orElseThrow());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads {@code cpu user nice system idle iowait irq softirq steal guest guest_nice}. */
  static MachineLoad parse(String line) {
    String[] fields = line.strip().split(" +", -1);
    if (!fields[0].equals("cpu") || fields.length < 9) {
      throw new IllegalArgumentException("not the first line of /proc/stat: " + line);
    }
    long total = 0;
    for (int i = 1; i <= 8; i++) {
      total += Long.parseLong(fields[i]);
    }
    return new MachineLoad(total - Long.parseLong(fields[4]) - Long.parseLong(fields[5]), total);
  }

  /** The busy share of all CPUs between {@code earlier} and this, 0 to 1. */
  public double busySince(MachineLoad earlier) {
    long total = totalTicks - earlier.totalTicks;
    return total <= 0 ? 0 : (double) (busyTicks - earlier.busyTicks) / total;
  }
}
