package io.millrace.packager;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * CPU time that threads have put into one kind of work; wall-clock time where the platform does not
 * know better. Any thread.
 */
final class CpuTime {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final boolean KNOWN =
      THREADS.isCurrentThreadCpuTimeSupported() && THREADS.isThreadCpuTimeEnabled();

  private final LongAdder spentNs = new LongAdder();

  void spend(Runnable work) {
    long startNs = nowNs();
    try {
      work.run();
    } finally {
      spentNs.add(nowNs() - startNs);
    }
  }

  <T> T spend(Supplier<T> work) {
    long startNs = nowNs();
    try {
      return work.get();
    } finally {
      spentNs.add(nowNs() - startNs);
    }
  }

  long spentNs() {
    return spentNs.sum();
  }

  private static long nowNs() {
    return KNOWN ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
  }
}
