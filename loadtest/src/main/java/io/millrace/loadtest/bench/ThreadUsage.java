package io.millrace.loadtest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What some threads of a process have used, from {@code /proc/PID/task} (proc_pid_task(5)). */
public final class ThreadUsage {
  private ThreadUsage() {}

  /**
   * CPU time of the threads that are alive and whose name begins with {@code prefix}; a thread made
   * by one of them has its name, unless it was given another.
   *
   * @param prefix at most 15 characters, which is what Linux keeps of a name
   * @return in ticks of {@link ProcStat#TICKS_PER_SECOND}
   */
  public static long cpuTicks(long pid, String prefix) throws IOException {
    long ticks = 0;
    try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : (Iterable<Path>) tasks::iterator) {
        try {
          if (Files.readString(task.resolve("comm")).startsWith(prefix)) {
            ticks += ProcStat.parse(Files.readString(task.resolve("stat"))).cpuTicks();
          }
        } catch (NoSuchFileException e) {
          continue; // ended meanwhile
        }
      }
    }
    return ticks;
  }
}
