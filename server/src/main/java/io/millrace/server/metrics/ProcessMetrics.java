package io.millrace.server.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.OperatingSystemMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;

/** The process as the system and the JVM see it, read at each scrape. */
final class ProcessMetrics {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final double MILLIS = 1e-3;
  private static final double NANOS = 1e-9;

  private ProcessMetrics() {}

  static void register(PrometheusRegistry registry, String version) {
    Info.builder()
        .name(Meter.BUILD.id())
        .help(Meter.BUILD.help())
        .labelNames(Meter.BUILD.labelArray())
        .register(registry)
        .addLabelValues(version);
    gauge(
        registry, Meter.START, () -> ManagementFactory.getRuntimeMXBean().getStartTime() * MILLIS);
    gauge(registry, Meter.RESIDENT, ProcessMetrics::residentBytes);
    gauge(registry, Meter.THREADS, () -> ManagementFactory.getThreadMXBean().getThreadCount());
    gauge(registry, Meter.DIRECT, PlatformDependent::usedDirectMemory);
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    gauge(registry, Meter.HEAP_USED, () -> memory.getHeapMemoryUsage().getUsed());
    gauge(registry, Meter.HEAP_COMMITTED, () -> memory.getHeapMemoryUsage().getCommitted());
    gauge(registry, Meter.HEAP_MAX, () -> memory.getHeapMemoryUsage().getMax());
    OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
    if (system instanceof UnixOperatingSystemMXBean unix) {
      gauge(registry, Meter.OPEN_FILES, unix::getOpenFileDescriptorCount);
      gauge(registry, Meter.MAX_FILES, unix::getMaxFileDescriptorCount);
      registry.register(
          CounterWithCallback.builder()
              .name(Meter.CPU.id())
              .help(Meter.CPU.help())
              .callback(callback -> callback.call(unix.getProcessCpuTime() * NANOS))
              .build());
    }
    collections(registry, Meter.GC_COUNT, GarbageCollectorMXBean::getCollectionCount, 1);
    collections(registry, Meter.GC_TIME, GarbageCollectorMXBean::getCollectionTime, MILLIS);
  }

  private static void gauge(PrometheusRegistry registry, Meter meter, DoubleSupplier value) {
    registry.register(
        GaugeWithCallback.builder()
            .name(meter.id())
            .help(meter.help())
            .callback(callback -> callback.call(value.getAsDouble()))
            .build());
  }

  private static void collections(
      PrometheusRegistry registry,
      Meter meter,
      ToLongFunction<GarbageCollectorMXBean> value,
      double unit) {
    registry.register(
        CounterWithCallback.builder()
            .name(meter.id())
            .help(meter.help())
            .labelNames(meter.labelArray())
            .callback(
                callback -> {
                  for (GarbageCollectorMXBean each :
                      ManagementFactory.getGarbageCollectorMXBeans()) {
                    callback.call(Math.max(0, value.applyAsLong(each)) * unit, each.getName());
                  }
                })
            .build());
  }

  /** {@code VmRSS} (proc(5)), in kB there; 0 where there is no such file. */
  private static double residentBytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024.0;
        }
      }
    } catch (IOException e) {
      // Another system than Linux.
    }
    return 0;
  }
}
