package io.millrace.server.webhook;

import io.millrace.server.config.WebhookConfig;
import io.millrace.server.event.EventSink;
import io.millrace.server.webhook.Question.Action;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The server's webhooks, one for each configuration: rules with the same one share its answers and
 * its bounds. Thread-safe.
 */
public final class Webhooks implements AutoCloseable {
  private final WebhookStats stats;
  private final InstantSource clock;
  private final EventSink events;
  private final Map<Which, Webhook> open = new ConcurrentHashMap<>();
  private final List<WebhookClient> clients = new CopyOnWriteArrayList<>();
  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("webhook-timer").factory());

  private record Which(Action action, WebhookConfig config) {}

  /**
   * @param events is told when one does not answer, and when it does again
   */
  public Webhooks(WebhookStats stats, InstantSource clock, EventSink events) {
    this.events = events;
    this.stats = stats;
    this.clock = clock;
    timers.setRemoveOnCancelPolicy(true);
  }

  /**
   * The webhook of a configuration.
   *
   * @throws UncheckedIOException when its authorities cannot be used; the message names the file
   */
  public Webhook of(Action action, WebhookConfig config) {
    return open.computeIfAbsent(new Which(action, config), this::make);
  }

  private Webhook make(Which which) {
    try {
      WebhookClient client = new WebhookClient(which.config, clock);
      clients.add(client);
      return new Webhook(
          which.action,
          which.config,
          client,
          (delay, task) -> {
            ScheduledFuture<?> timer =
                timers.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
            return () -> timer.cancel(false);
          },
          System::nanoTime,
          stats,
          events);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** Ends what is under way; questions after it get no answer. */
  @Override
  public void close() {
    timers.shutdownNow();
    clients.forEach(WebhookClient::close);
  }
}
