package io.millrace.server.origin;

import io.millrace.transport.http.HttpExchange;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where requests wait: bounded in number, in all and for each connection, and in time. One pass for
 * each event loop, a few times a second and only while somebody waits, looks who has waited too
 * long: a parked request costs no timer. Thread-safe.
 */
final class Parking {
  private final int limit;
  private final int limitPerConnection;
  private final Duration tick;
  private final LongSupplier clockNs;
  private final AtomicInteger parked = new AtomicInteger();
  private final Map<ScheduledExecutorService, Floor> floors = new ConcurrentHashMap<>();

  /**
   * @param limit requests waiting at once
   * @param limitPerConnection requests in flight on a connection, beyond which none may wait
   * @param tick how exactly time is kept
   */
  Parking(int limit, int limitPerConnection, Duration tick, LongSupplier clockNs) {
    this.limit = limit;
    this.limitPerConnection = limitPerConnection;
    this.tick = tick;
    this.clockNs = clockNs;
  }

  /** Requests waiting now. */
  int parked() {
    return parked.get();
  }

  /**
   * Has a request wait, unless it can be answered at once. On its event loop.
   *
   * @param hold after which it has waited too long
   * @param join makes it one of those who are woken
   * @return false when too many wait already: the request is still the caller's to answer
   */
  boolean park(Parked request, Duration hold, Consumer<Parked> join) {
    HttpExchange exchange = request.exchange;
    if (exchange.inFlight() > limitPerConnection) {
      return false;
    }
    if (parked.incrementAndGet() > limit) {
      parked.decrementAndGet();
      return false;
    }
    Floor floor = floors.computeIfAbsent(exchange.executor(), Floor::new);
    floor.add(request, clockNs.getAsLong() + hold.toNanos());
    exchange.onCancel(request::forget);
    join.accept(request);
    request.woken(); // what happened before it had joined is told to nobody
    return true;
  }

  /** The requests of one event loop. */
  final class Floor {
    private final ScheduledExecutorService loop;
    private final Set<Parked> requests = new HashSet<>();
    private @Nullable ScheduledFuture<?> ticking;

    Floor(ScheduledExecutorService loop) {
      this.loop = loop;
    }

    private void add(Parked request, long untilNs) {
      requests.add(request);
      request.parkedOn(this, untilNs);
      if (ticking == null) {
        ticking =
            loop.scheduleWithFixedDelay(
                this::tick, tick.toNanos(), tick.toNanos(), TimeUnit.NANOSECONDS);
      }
    }

    void remove(Parked request) {
      requests.remove(request);
      parked.decrementAndGet();
    }

    private void tick() {
      long nowNs = clockNs.getAsLong();
      Queue<Parked> late = new ArrayDeque<>();
      for (Parked request : requests) {
        if (request.isLate(nowNs)) {
          late.add(request);
        }
      }
      late.forEach(Parked::giveUp);
      if (requests.isEmpty() && ticking != null) {
        ticking.cancel(false);
        ticking = null;
      }
    }
  }
}
