package io.millrace.loadtest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.Stream;

/** Where and when: the lines above every table. */
public final class Machine {
  private Machine() {}

  /** One line: date, CPU, cores, memory, kernel, JDK. */
  public static String describe() {
    return LocalDate.now(ZoneOffset.UTC)
        + " · "
        + firstValue("/proc/cpuinfo", "model name")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " cores, "
        + memoryGib()
        + " GiB · Linux "
        + System.getProperty("os.version")
        + " · JDK "
        + System.getProperty("java.runtime.version");
  }

  /** The load average of the last minute. */
  public static String loadAverage() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String memoryGib() {
    String digits = firstValue("/proc/meminfo", "MemTotal").replaceAll("\\D", "");
    return digits.isEmpty() ? "?" : Long.toString(Math.round(Long.parseLong(digits) / 1048576.0));
  }

  private static String firstValue(String file, String key) {
    try (Stream<String> lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
