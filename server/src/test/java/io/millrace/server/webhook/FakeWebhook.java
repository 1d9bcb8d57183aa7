package io.millrace.server.webhook;

import io.millrace.server.config.WebhookConfig;
import io.millrace.server.config.WebhookConfig.OnError;
import io.millrace.server.event.EventSink;
import io.millrace.server.webhook.Question.Action;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;

/** A webhook at the end of no wire, on a clock of its own: answers come when the test says so. */
public final class FakeWebhook {
  private static final long START_NS = Long.MAX_VALUE - 1_000_000_000L; // overflows on the way

  /** Questions that were put, with the place for their answers. */
  final List<CompletableFuture<Reply>> asked = new ArrayList<>();

  final List<String> questions = new ArrayList<>();
  final Map<WebhookStats.Outcome, Integer> outcomes = new EnumMap<>(WebhookStats.Outcome.class);
  int remembered;
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>((a, b) -> Long.compare(a.atNs - b.atNs, 0));
  private long nowNs = START_NS;

  private record Alarm(long atNs, Runnable task) {}

  /** A configuration of three seconds' patience and a minute's memory. */
  public static WebhookConfig config(OnError onError, Duration cache) {
    return new WebhookConfig(
        URI.create("https://user:password@hook.example:8443/decide?x=hidden"),
        Duration.ofSeconds(3),
        cache,
        Duration.ZERO,
        onError,
        null,
        null);
  }

  public Webhook open(Action action, WebhookConfig config) {
    return new Webhook(
        action,
        config,
        question -> {
          CompletableFuture<Reply> reply = new CompletableFuture<>();
          questions.add(new String(question, StandardCharsets.UTF_8));
          asked.add(reply);
          return reply;
        },
        (delay, task) -> {
          Alarm alarm = new Alarm(nowNs + delay.toNanos(), task);
          alarms.add(alarm);
          return () -> alarms.remove(alarm);
        },
        () -> nowNs,
        new WebhookStats() {
          @Override
          public void asked(Action of, Outcome outcome, long durationNs) {
            outcomes.merge(outcome, 1, Integer::sum);
          }

          @Override
          public void remembered(Action of) {
            remembered++;
          }
        },
        EventSink.NONE);
  }

  /** How often it was asked. */
  public int count() {
    return asked.size();
  }

  /** Answers the newest question. */
  public void answer(int status, String content) {
    asked.getLast().complete(reply(status, content));
  }

  static Reply reply(int status, String content) {
    String type = content.startsWith("{") ? "application/json" : "text/plain; charset=utf-8";
    return new Reply(status, type, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Lets time pass, and what was to be done in it be done. */
  public void pass(Duration time) {
    long endNs = nowNs + time.toNanos();
    while (!alarms.isEmpty() && alarms.peek().atNs - endNs <= 0) {
      Alarm next = alarms.remove();
      nowNs = next.atNs;
      next.task.run();
    }
    nowNs = endNs;
  }

  int alarms() {
    return alarms.size();
  }
}
