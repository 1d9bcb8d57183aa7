package io.millrace.server.ingest;

import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishVerdict;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import io.millrace.server.live.Publisher;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks again, now and then, about a publisher that is on the air, and ends it when it may not be
 * any more. Without an answer it goes on. One question at a time. Confined to the publisher's event
 * loop.
 */
final class Recheck {
  private static final Logger LOG = LoggerFactory.getLogger(Recheck.class);

  private final PublishPolicy policy;
  private final PublishAttempt attempt;
  private final Publisher publisher;
  private final EventLoop loop;
  private final EventSink events;
  private final ScheduledFuture<?> timer;
  private boolean asking;
  private boolean stopped;

  private Recheck(
      PublishPolicy policy,
      PublishAttempt attempt,
      Publisher publisher,
      EventLoop loop,
      Duration every,
      EventSink events) {
    this.events = events;
    this.policy = policy;
    this.attempt = attempt;
    this.publisher = publisher;
    this.loop = loop;
    this.timer =
        loop.scheduleAtFixedRate(
            this::ask, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Begins, where the stream's rule says so; returns what stops it, on the same loop. */
  static Runnable start(
      PublishPolicy policy,
      PublishAttempt attempt,
      Publisher publisher,
      EventLoop loop,
      EventSink events) {
    Duration every = policy.recheck(attempt.stream());
    return every.isZero()
        ? () -> {}
        : new Recheck(policy, attempt, publisher, loop, every, events)::stop;
  }

  private void ask() {
    assert loop.inEventLoop();
    if (asking || stopped) {
      return;
    }
    asking = true;
    var _ =
        policy
            .recheckNow(attempt)
            .whenCompleteAsync(
                (verdict, failure) -> {
                  asking = false;
                  if (verdict != null) {
                    decided(verdict);
                  }
                },
                loop);
  }

  private void decided(PublishVerdict verdict) {
    boolean ends =
        switch (verdict.kind()) {
          case ALLOWED, UNAVAILABLE -> false;
          case UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT -> true;
        };
    if (ends && !stopped) {
      events.say(
          LOG,
          EventNote.info(
                  EventType.PUBLISH_ENDED, attempt.stream(), "publisher may publish no longer")
              .with("session", publisher.sessionId())
              .with("reason", verdict.text()));
      stop();
      publisher.close(verdict.text());
    }
  }

  private void stop() {
    stopped = true;
    timer.cancel(false);
  }
}
