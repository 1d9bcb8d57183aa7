package io.millrace.server.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.packager.Presentation;
import io.millrace.transport.LoopWaiters;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who waits for the live edge of which rendition. A presentation is listened to once, however many
 * wait; an update costs its thread one task for each event loop on which somebody does.
 * Thread-safe.
 */
final class EdgeWaiters {
  private final Cache<Presentation, Map<String, LoopWaiters>> rooms =
      Caffeine.newBuilder().weakKeys().build();

  /** Those who wait for a rendition that exists. */
  LoopWaiters of(Presentation presentation, String rendition) {
    return rooms
        .get(presentation, EdgeWaiters::open)
        .computeIfAbsent(rendition, _ -> new LoopWaiters());
  }

  private static Map<String, LoopWaiters> open(Presentation presentation) {
    Map<String, LoopWaiters> byRendition = new ConcurrentHashMap<>();
    var _ =
        presentation.onUpdate(
            update -> {
              LoopWaiters waiters = byRendition.get(update.rendition());
              if (waiters != null) {
                waiters.wake();
              }
            });
    return byRendition;
  }
}
