package io.millrace.transport.http;

import java.time.Duration;

/** Counts events in windows of fixed length. Confined to one thread. */
final class ResetWindow {
  private final int limit;
  private final long windowNs;
  private long startNs;
  private int count;

  ResetWindow(int limit, Duration window, long nowNs) {
    this.limit = limit;
    this.windowNs = window.toNanos();
    this.startNs = nowNs;
  }

  /** Counts one more; false when it is one too many. */
  boolean count(long nowNs) {
    if (nowNs - startNs >= windowNs) {
      startNs = nowNs;
      count = 0;
    }
    return ++count <= limit;
  }
}
