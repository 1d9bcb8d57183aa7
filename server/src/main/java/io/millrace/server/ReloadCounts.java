package io.millrace.server;

import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/** How reloads of the configuration ended. Thread-safe. */
final class ReloadCounts {
  private final LongAdder applied = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private volatile boolean lastRefused;

  void applied() {
    applied.increment();
    lastRefused = false;
  }

  void refused() {
    refused.increment();
    lastRefused = true;
  }

  /** 1, or 0 where the last one was refused. */
  double lastSuccessful() {
    return lastRefused ? 0 : 1;
  }

  Map<String, DoubleSupplier> byResult() {
    return Map.of("applied", applied::doubleValue, "refused", refused::doubleValue);
  }
}
