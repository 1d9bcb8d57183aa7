package io.millrace.loadtest.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process and everything below it have used, from Linux's {@code /proc}.
 *
 * @param cpuTicks CPU time since their start, ended children included, in ticks of {@link
 *     ProcStat#TICKS_PER_SECOND}
 * @param residentKib resident memory; pages that processes share count in each
 * @param peakResidentKib the highest that each has had, added up
 */
public record ProcessUsage(long cpuTicks, long residentKib, long peakResidentKib) {
  private static final Path PROC = Path.of("/proc");

  /**
   * Reads a process and its children of every depth.
   *
   * @throws IllegalStateException when the process is gone
   */
  public static ProcessUsage ofTree(long rootPid) {
    List<ProcStat> all = everyProcess();
    List<Long> tree = new ArrayList<>(List.of(rootPid));
    long cpuTicks = 0;
    long residentKib = 0;
    long peakKib = 0;
    boolean alive = false;
    for (int i = 0; i < tree.size(); i++) {
      long pid = tree.get(i);
      for (ProcStat stat : all) {
        if (stat.parentPid() == pid) {
          tree.add(stat.pid());
        } else if (stat.pid() == pid) {
          cpuTicks += stat.cpuTicks() + stat.reapedCpuTicks();
          alive |= pid == rootPid;
        }
      }
      residentKib += statusKib(pid, "VmRSS:");
      peakKib += statusKib(pid, "VmHWM:");
    }
    if (!alive) {
      throw new IllegalStateException("process " + rootPid + " is gone");
    }
    return new ProcessUsage(cpuTicks, residentKib, peakKib);
  }

  /** CPU time of this process's ended children, in ticks. */
  static long reapedCpuTicks() {
    try {
      return ProcStat.parse(Files.readString(PROC.resolve("self/stat"))).reapedCpuTicks();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The peak resident memory of one process in KiB; 0 when it is gone. */
  static long peakResidentKib(long pid) {
    return statusKib(pid, "VmHWM:");
  }

  private static List<ProcStat> everyProcess() {
    List<ProcStat> stats = new ArrayList<>();
    try (Stream<Path> entries = Files.list(PROC)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        if (Character.isDigit(entry.getFileName().toString().charAt(0))) {
          addIfAlive(entry, stats);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return stats;
  }

  /** A process may end between the listing and the reading (ENOENT), or during it (ESRCH). */
  private static void addIfAlive(Path entry, List<ProcStat> stats) {
    try {
      stats.add(ProcStat.parse(Files.readString(entry.resolve("stat"))));
    } catch (IOException e) {
      if (Files.exists(entry)) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static long statusKib(long pid, String field) {
    try {
      for (String line : Files.readAllLines(PROC.resolve(pid + "/status"))) {
        if (line.startsWith(field)) {
          String digits = line.substring(field.length()).replace("kB", "");
          return Long.parseLong(digits.strip());
        }
      }
      return 0;
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      if (Files.exists(PROC.resolve(Long.toString(pid)))) {
        throw new UncheckedIOException(e);
      }
      return 0;
    }
  }
}
