package io.millrace.server.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.packager.Presentation;
import io.millrace.transport.http.HttpExchange;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Requests that wait for a stream to be ready: bounded in number and time. However many come and
 * go, a presentation is listened to once, so that waiting for one that never gets ready leaves
 * nothing behind. Thread-safe.
 */
@SuppressWarnings("CollectionUndefinedEquality") // tickets are told apart by identity
final class WaitingRoom {
  private final int limit;
  private final Duration patience;
  private final AtomicInteger waiting = new AtomicInteger();

  /** Who waits for which presentation. */
  private final Cache<Presentation, Set<CompletableFuture<Void>>> rooms =
      Caffeine.newBuilder().weakKeys().build();

  WaitingRoom(int limit, Duration patience) {
    this.limit = limit;
    this.patience = patience;
  }

  /** Requests waiting now. */
  int waiting() {
    return waiting.get();
  }

  /**
   * Has {@code then} run once: with true when the presentation is ready, with false when it takes
   * too long; on any thread, at once if it is ready. Never, if the client leaves first.
   *
   * @return false when too many wait already; {@code then} will not run
   */
  boolean await(HttpExchange exchange, Presentation presentation, Outcome then) {
    if (waiting.incrementAndGet() > limit) {
      waiting.decrementAndGet();
      return false;
    }
    Set<CompletableFuture<Void>> room = rooms.get(presentation, WaitingRoom::open);
    CompletableFuture<Void> ticket = new CompletableFuture<>();
    room.add(ticket);
    var _ =
        ticket.whenComplete(
            (_, failure) -> {
              room.remove(ticket);
              waiting.decrementAndGet();
              if (!ticket.isCancelled()) {
                then.accept(failure == null);
              }
            });
    ticket.orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS);
    exchange.onCancel(() -> ticket.cancel(false));
    if (presentation.ready().isDone()) {
      ticket.complete(null); // it may have become ready before the ticket was in the room
    }
    return true;
  }

  /** What became of the wait. */
  @FunctionalInterface
  interface Outcome {
    void accept(boolean ready);
  }

  private static Set<CompletableFuture<Void>> open(Presentation presentation) {
    Set<CompletableFuture<Void>> room = ConcurrentHashMap.newKeySet();
    var _ =
        presentation.ready().whenComplete((_, _) -> room.forEach(ticket -> ticket.complete(null)));
    return room;
  }
}
