package io.millrace.server.edge;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/** What an edge has done. Thread-safe. */
public final class EdgeStats {
  /** How a viewer's request was answered. */
  enum Result {
    /** From memory. */
    HIT,
    /** From disk, which it was the first to need. */
    DISK,
    /** By a request to an origin that it was the first to need. */
    MISS,
    /** By one that was under way already. */
    JOINED,
    /** By what was kept, because no origin answered. */
    STALE,
    /** By an error of the edge's own, or one of an origin. */
    ERROR
  }

  private final Map<Result, LongAdder> requests = new EnumMap<>(Result.class);
  private final LongAdder originRequests = new LongAdder();
  private final LongAdder originFailures = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  public EdgeStats() {
    for (Result result : Result.values()) {
      requests.put(result, new LongAdder());
    }
  }

  void answered(Result result) {
    counter(result).increment();
  }

  private LongAdder counter(Result result) {
    LongAdder counter = requests.get(result);
    if (counter == null) {
      throw new IllegalArgumentException(result.name());
    }
    return counter;
  }

  void askedOrigin() {
    originRequests.increment();
  }

  void originFailed() {
    originFailures.increment();
  }

  void cancelled() {
    cancelled.increment();
  }

  void evicted() {
    evictions.increment();
  }

  long count(Result result) {
    return counter(result).sum();
  }

  /** Requests by result, for a metric. */
  public Map<String, DoubleSupplier> byResult() {
    Map<String, DoubleSupplier> all = new LinkedHashMap<>();
    requests.forEach(
        (result, counter) -> all.put(result.name().toLowerCase(Locale.ROOT), counter::sum));
    return all;
  }

  /** Requests that origins were asked; checks of their health are none. */
  public long originRequests() {
    return originRequests.sum();
  }

  /** Those without a reply. */
  public long originFailures() {
    return originFailures.sum();
  }

  /** Those given up because nobody waited any more. */
  public long cancellations() {
    return cancelled.sum();
  }

  /** Objects that made room for others. */
  public long evictions() {
    return evictions.sum();
  }
}
