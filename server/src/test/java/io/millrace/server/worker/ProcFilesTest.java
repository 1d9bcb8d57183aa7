package io.millrace.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.worker.Worker.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process takes, by what the kernel says of it. */
class ProcFilesTest {
  @Test
  void residentMemoryIsInKilobytesThere(@TempDir Path folder) throws IOException {
    Path status = folder.resolve("status");
    Files.writeString(status, "Name:\tjava\nVmPeak:\t  999 kB\nVmRSS:\t   2048 kB\nThreads:\t3\n");
    assertThat(ProcFiles.rssBytes(status)).isEqualTo(2L << 20);
    assertThat(ProcFiles.rssBytes(folder.resolve("gone"))).isZero();
  }

  @Test
  void aRunningProcessTakesSomething() {
    Usage usage = ProcFiles.usage(ProcessHandle.current());
    assertThat(usage).isNotNull();
    assertThat(usage.cpuNs()).isPositive();
    assertThat(usage.rssBytes()).isGreaterThan(1 << 20);
  }
}
