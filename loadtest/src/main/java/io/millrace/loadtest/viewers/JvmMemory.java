package io.millrace.loadtest.viewers;

import io.millrace.loadtest.bench.ProcessUsage;
import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a JVM with the G1 collector holds.
 *
 * @param residentKib of the whole process, as it is
 * @param neededKib after a full collection: the live objects, and all that is resident outside the
 *     heap; what else the heap has is room to work in, as much as it may have
 */
record JvmMemory(long residentKib, long neededKib) {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Pattern HEAP =
      Pattern.compile("used (\\d+)K.*?\\[0x([0-9a-f]+), 0x([0-9a-f]+)\\)", Pattern.DOTALL);
  private static final Pattern MAPPING = Pattern.compile("^([0-9a-f]+)-([0-9a-f]+) .*");

  /**
   * Measures, with one full collection.
   *
   * @param work where the tool's output goes
   */
  static JvmMemory of(long pid, Path work) throws IOException, InterruptedException {
    long residentKib = ProcessUsage.ofTree(pid).residentKib();
    jcmd(pid, work, "GC.run");
    String heap = jcmd(pid, work, "GC.heap_info");
    Matcher found = HEAP.matcher(heap);
    if (!found.find()) {
      throw new IOException("not what GC.heap_info of G1 says: " + heap);
    }
    long heapKib =
        mappedKib(pid, Long.parseLong(found.group(2), 16), Long.parseLong(found.group(3), 16));
    long outsideKib = ProcessUsage.ofTree(pid).residentKib() - heapKib;
    return new JvmMemory(residentKib, outsideKib + Long.parseLong(found.group(1)));
  }

  /** The resident part of the mappings between two addresses (proc_pid_smaps(5)). */
  private static long mappedKib(long pid, long from, long to) throws IOException {
    long kib = 0;
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps"))) {
      Matcher mapping = MAPPING.matcher(line);
      if (mapping.matches()) {
        long start = Long.parseUnsignedLong(mapping.group(1), 16);
        inside = start >= from && start < to;
      } else if (inside && line.startsWith("Rss:")) {
        kib += Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return kib;
  }

  private static String jcmd(long pid, Path work, String command)
      throws IOException, InterruptedException {
    String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    Path log = work.resolve("jcmd-" + command + ".log");
    try (ManagedProcess process =
        ManagedProcess.start(List.of(program, Long.toString(pid), command), work, log)) {
      if (!process.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("jcmd does not end: " + process.tail());
      }
    }
    return Files.readString(log);
  }
}
