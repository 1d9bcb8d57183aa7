package io.millrace.server.worker;

import io.millrace.server.worker.Worker.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What Linux says of a process (proc(5)). Elsewhere resident memory is not known and is 0. */
final class ProcFiles {
  private static final Path PROC = Path.of("/proc");

  private ProcFiles() {}

  /** What {@code process} takes; null when it is gone. */
  static @Nullable Usage usage(ProcessHandle process) {
    Duration cpu = process.info().totalCpuDuration().orElse(null);
    if (cpu == null) {
      return null;
    }
    return new Usage(cpu.toNanos(), rssBytes(PROC.resolve(process.pid() + "/status")));
  }

  /** {@code VmRSS}, which is in kB; 0 where there is no such line. */
  static long rssBytes(Path status) {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
      }
    } catch (IOException e) {
      // It has just ended, or this is another system.
    }
    return 0;
  }

  /** Says that the kernel should end this process rather than the server when memory is short. */
  static void preferAsVictim(long pid) {
    try {
      Files.writeString(PROC.resolve(pid + "/oom_score_adj"), "600");
    } catch (IOException e) {
      // Another system, or not permitted: then the kernel chooses by size alone.
    }
  }
}
