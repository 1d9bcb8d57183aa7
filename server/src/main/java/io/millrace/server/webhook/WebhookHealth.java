package io.millrace.server.webhook;

import io.millrace.server.config.WebhookConfig;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import io.millrace.server.webhook.Question.Action;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A line in the log when a webhook stops answering, and one when it does again; of one that comes
 * and goes, a pair of them a minute. Thread-safe.
 */
final class WebhookHealth {
  private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);

  private static final long QUIET_NS = 60_000_000_000L;

  private final Action action;
  private final WebhookConfig config;
  private final EventSink events;
  private long failures;
  private boolean told;
  private long quietUntilNs;

  WebhookHealth(Action action, WebhookConfig config, long nowNs, EventSink events) {
    this.events = events;
    this.action = action;
    this.config = config;
    this.quietUntilNs = nowNs;
  }

  /**
   * @param why holds no secret
   */
  synchronized void failed(String why, long nowNs) {
    failures++;
    if (!told && nowNs - quietUntilNs >= 0) {
      told = true;
      quietUntilNs = nowNs + QUIET_NS;
      String message =
          switch (config.onError()) {
            case REFUSE -> "webhook does not decide, who asks is refused until it does";
            case ALLOW -> "webhook does not decide, who asks is let in until it does";
          };
      events.say(
          LOG,
          EventNote.warn(EventType.WEBHOOK_DOWN, null, message)
              .with("action", action.word())
              .with("webhook", config.host())
              .with("reason", why));
    }
  }

  synchronized void answered() {
    if (told) {
      told = false;
      events.say(
          LOG,
          EventNote.info(EventType.WEBHOOK_UP, null, "webhook decides again")
              .with("action", action.word())
              .with("webhook", config.host())
              .with("undecided", failures));
    }
    failures = 0;
  }
}
