package io.millrace.server.edge;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.millrace.server.edge.EdgeStats.Result;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.Problem;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is kept, and what is on its way. A request is answered from memory or joins the one flight
 * of its object; so many viewers cost the origin one request, however long it takes.
 *
 * <p>Bounded: bytes kept (by {@link EdgeSettings#keptBytes}), bytes on their way, flights, viewers
 * who wait, in all and for each connection. Thread-safe; nothing blocks.
 */
final class EdgeCache {
  private static final int MAX_FLIGHTS = 4_096;
  private static final int MAX_WAITING = 65_536;
  private static final int MAX_WAITING_PER_CONNECTION = 100;

  /** Media that nobody has asked for in so long. */
  private static final long UNUSED_NS = Duration.ofMinutes(10).toNanos();

  private final EdgeSettings settings;
  private final Fetcher fetcher;
  private final ScheduledExecutorService loop;
  private final LongSupplier clockNs;
  private final EdgeStats stats;
  private final @Nullable DiskTier disk;
  private final Cache<ObjectKey, Stored> kept;
  private final Map<ObjectKey, Flight> flights = new ConcurrentHashMap<>();
  private final Map<Flight, Filling> fillings = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong arrivingBytes = new AtomicLong();

  /**
   * @param loop on which flights are filled: the fetcher's
   * @param disk for media that leaves memory; borrowed; null for none
   */
  EdgeCache(
      EdgeSettings settings,
      Fetcher fetcher,
      ScheduledExecutorService loop,
      LongSupplier clockNs,
      EdgeStats stats,
      @Nullable DiskTier disk) {
    this.settings = settings;
    this.fetcher = fetcher;
    this.loop = loop;
    this.clockNs = clockNs;
    this.stats = stats;
    this.disk = disk;
    this.kept =
        Caffeine.newBuilder()
            .maximumWeight(settings.keptBytes())
            .weigher((ObjectKey key, Stored stored) -> stored.weightBytes() + key.path().length())
            .expireAfter(new Keeping())
            .ticker(clockNs::getAsLong)
            .executor(Runnable::run)
            .evictionListener(
                (key, stored, cause) -> {
                  if (cause == RemovalCause.SIZE) {
                    stats.evicted();
                  }
                  if (key != null && stored != null) {
                    spill(key, stored);
                  }
                })
            .build();
  }

  /** Lists are kept beyond their time, to be shown while no origin answers; media while used. */
  private final class Keeping implements Expiry<ObjectKey, Stored> {
    @Override
    public long expireAfterCreate(ObjectKey key, Stored stored, long currentTime) {
      return switch (key.kind()) {
        case LIST -> stored.freshNs() + (key.blocks() ? 0 : settings.stale().toNanos());
        case MEDIA -> Math.min(stored.freshNs(), UNUSED_NS);
      };
    }

    @Override
    public long expireAfterUpdate(
        ObjectKey key, Stored stored, long currentTime, long currentDuration) {
      return expireAfterCreate(key, stored, currentTime);
    }

    @Override
    public long expireAfterRead(
        ObjectKey key, Stored stored, long currentTime, long currentDuration) {
      return switch (key.kind()) {
        case LIST -> currentDuration;
        case MEDIA -> isLasting(stored) ? UNUSED_NS : currentDuration;
      };
    }
  }

  /** Answers, now or later; on the exchange's loop. */
  void handle(HttpExchange exchange, ObjectKey key) {
    Stored stored = kept.getIfPresent(key);
    if (stored != null && stored.isFresh(nowNs())) {
      hit(exchange, stored);
    } else if (exchange.inFlight() > MAX_WAITING_PER_CONNECTION
        || waiting.incrementAndGet() > MAX_WAITING) {
      refuse(exchange, exchange.inFlight() <= MAX_WAITING_PER_CONNECTION);
    } else {
      join(exchange, key);
    }
  }

  private void hit(HttpExchange exchange, Stored stored) {
    if (exchange.respond(stored.reply(exchange, nowNs()))) {
      stats.answered(Result.HIT);
    }
  }

  private void refuse(HttpExchange exchange, boolean counted) {
    if (counted) {
      waiting.decrementAndGet();
    }
    stats.answered(Result.ERROR);
    boolean _ = exchange.respond(busy("Too many requests are waiting already"));
  }

  static HttpReply busy(String detail) {
    return Problem.reply(503, "Busy", detail).with("retry-after", "1").with(EdgeRoutes.CORS);
  }

  private void join(HttpExchange exchange, ObjectKey key) {
    while (true) {
      Flight flight = flights.get(key);
      Result result = Result.JOINED;
      if (flight == null) {
        if (flights.size() >= MAX_FLIGHTS) {
          refuse(exchange, true);
          return;
        }
        Flight made = new Flight(key, this::abandoned);
        flight = flights.putIfAbsent(key, made);
        if (flight == null) {
          flight = made;
          result = Result.MISS;
        }
      }
      if (flight.enter()) {
        if (result == Result.MISS) {
          result = launch(exchange, flight);
        }
        new Joined(this, exchange, flight, result).begin();
        return;
      }
      flights.remove(key, flight);
    }
  }

  /** The one before may have landed between the look into the cache and the look for a flight. */
  private Result launch(HttpExchange exchange, Flight flight) {
    Stored stored = kept.getIfPresent(flight.key);
    if (stored != null && stored.isFresh(nowNs())) {
      land(flight, new Flight.State.Done(stored, false));
      return Result.HIT;
    }
    Filling filling = new Filling(this, flight, Via.of(exchange), exchange.early());
    fillings.put(flight, filling);
    filling.start();
    return Result.MISS;
  }

  /** Ends a flight; what is to be kept is kept by now. Whoever comes from here on does not join. */
  void land(Flight flight, Flight.State end) {
    flights.remove(flight.key, flight);
    fillings.remove(flight);
    flight.to(end);
  }

  private void abandoned(Flight flight) {
    flights.remove(flight.key, flight);
    stats.cancelled();
    Filling filling = fillings.remove(flight);
    if (filling != null) {
      loop.execute(filling::drop);
    }
  }

  void keep(ObjectKey key, Stored stored) {
    if (stored.weightBytes() <= settings.largestKeptBytes()) {
      kept.put(key, stored);
    }
  }

  /** Has media written to disk that has left memory, or had no room there; if there is one. */
  void spill(ObjectKey key, Stored stored) {
    if (disk != null && key.kind() == ObjectKey.Kind.MEDIA && isLasting(stored)) {
      disk.offer(key, stored, nowNs());
    }
  }

  /** As good as for ever, as media is under its name. */
  private static boolean isLasting(Stored stored) {
    return stored.freshNs() > UNUSED_NS;
  }

  @Nullable DiskTier disk() {
    return disk;
  }

  @Nullable Stored find(ObjectKey key) {
    return kept.getIfPresent(key);
  }

  /** Takes room for what arrives; false when there is none. */
  boolean take(long bytes) {
    if (arrivingBytes.addAndGet(bytes) > settings.arrivingBytes()) {
      arrivingBytes.addAndGet(-bytes);
      return false;
    }
    return true;
  }

  void giveBack(long bytes) {
    arrivingBytes.addAndGet(-bytes);
  }

  void left() {
    waiting.decrementAndGet();
  }

  long nowNs() {
    return clockNs.getAsLong();
  }

  EdgeSettings settings() {
    return settings;
  }

  Fetcher fetcher() {
    return fetcher;
  }

  ScheduledExecutorService loop() {
    return loop;
  }

  EdgeStats stats() {
    return stats;
  }

  /** Bytes kept, on their way, and on their way to the disk. */
  long heldBytes() {
    long weight =
        kept.policy().eviction().map(eviction -> eviction.weightedSize().orElse(0)).orElse(0L);
    return weight + arrivingBytes.get() + (disk == null ? 0 : disk.queuedBytes());
  }

  /** Viewers who wait. */
  int waiting() {
    return waiting.get();
  }

  /** Objects on their way. */
  int flights() {
    return flights.size();
  }
}
