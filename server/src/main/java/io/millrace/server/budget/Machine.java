package io.millrace.server.budget;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The machine, or the part of it that a container may use, as the JVM sees it. */
public final class Machine {
  private Machine() {}

  public static int cores() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** CPU time of this process so far; below 0 where that is not known. */
  public static long ownCpuNs() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getProcessCpuTime()
        : -1;
  }

  /** What nobody has used since the last call, in cores; all of them where that is not known. */
  public static double idleCores() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      double load = system.getCpuLoad();
      return load < 0 ? cores() : (1 - load) * cores();
    }
    return cores();
  }
}
