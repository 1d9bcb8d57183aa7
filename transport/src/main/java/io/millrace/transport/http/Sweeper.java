package io.millrace.transport.http;

import io.netty.channel.EventLoop;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Checks the deadlines of all connections, one pass per event loop and interval: ten thousand
 * parked requests cost no timers. A deadline is met within one interval.
 */
final class Sweeper {
  private final LongSupplier clockNs;
  private final long intervalNs;
  private final Map<EventLoop, Set<HttpConnection>> byLoop = new ConcurrentHashMap<>();

  Sweeper(LongSupplier clockNs, HttpLimits limits) {
    this.clockNs = clockNs;
    long shortestNs =
        Math.min(
            Math.min(limits.requestRead().toNanos(), limits.idle().toNanos()),
            limits.write().toNanos());
    this.intervalNs = Math.clamp(shortestNs / 8, 10_000_000L, 1_000_000_000L);
  }

  /** Has {@code connection} swept until {@link #remove}. On its event loop. */
  void add(EventLoop loop, HttpConnection connection) {
    assert loop.inEventLoop();
    byLoop.computeIfAbsent(loop, this::start).add(connection);
  }

  void remove(EventLoop loop, HttpConnection connection) {
    assert loop.inEventLoop();
    Set<HttpConnection> connections = byLoop.get(loop);
    if (connections != null) {
      connections.remove(connection);
    }
  }

  /** Has every connection drain, each on its own loop. */
  void drainAll() {
    byLoop.forEach(
        (loop, connections) ->
            loop.execute(() -> List.copyOf(connections).forEach(HttpConnection::drain)));
  }

  private Set<HttpConnection> start(EventLoop loop) {
    Set<HttpConnection> connections = new LinkedHashSet<>();
    var _ =
        loop.scheduleWithFixedDelay(
            () -> sweep(connections), intervalNs, intervalNs, TimeUnit.NANOSECONDS);
    return connections;
  }

  /** Over a copy: a connection that is ended removes itself. */
  private void sweep(Set<HttpConnection> connections) {
    if (connections.isEmpty()) {
      return;
    }
    long nowNs = clockNs.getAsLong();
    for (HttpConnection connection : connections.toArray(HttpConnection[]::new)) {
      connection.sweep(nowNs);
    }
  }
}
