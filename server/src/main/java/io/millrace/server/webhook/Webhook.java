package io.millrace.server.webhook;

import io.millrace.server.config.WebhookConfig;
import io.millrace.server.event.EventSink;
import io.millrace.server.webhook.Answers.About;
import io.millrace.server.webhook.Question.Action;
import io.millrace.server.webhook.WebhookStats.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decisions of one webhook. The same question is asked once, for everybody who waits for its answer
 * ({@link #ask}), and not again while that is good ({@link Answers}); one that will soon be too old
 * is asked anew beside, so that nobody who plays has to wait. What is under way is bounded ({@link
 * Turns}), and so is how long it takes. Thread-safe; never blocks.
 */
public final class Webhook {
  private final Action action;
  private final WebhookConfig config;
  private final Sender sender;
  private final Timer timer;
  private final LongSupplier clockNs;
  private final WebhookStats stats;
  private final Answers answers;
  private final Turns turns = new Turns();
  private final Shares shares = new Shares();
  private final WebhookHealth health;
  private final Map<About, CompletableFuture<Decision>> underWay = new ConcurrentHashMap<>();

  /** Puts a question to the webhook. */
  interface Sender {
    /** Cancelling it gives the exchange up. */
    CompletableFuture<Reply> post(byte[] question);
  }

  /** Does something later. */
  interface Timer {
    /** Returns what stops it. */
    Runnable after(Duration delay, Runnable task);
  }

  Webhook(
      Action action,
      WebhookConfig config,
      Sender sender,
      Timer timer,
      LongSupplier clockNs,
      WebhookStats stats,
      EventSink events) {
    this.action = action;
    this.config = config;
    this.sender = sender;
    this.timer = timer;
    this.clockNs = clockNs;
    this.stats = stats;
    this.answers = new Answers(config.cache());
    this.health = new WebhookHealth(action, config, clockNs.getAsLong(), events);
  }

  /** An answer that is still good, found without asking or leaving any trace; null without one. */
  public @Nullable Decision known(Question question) {
    return answers.find(about(question), clockNs.getAsLong());
  }

  /**
   * Decides.
   *
   * @return done at once where the answer is known, else within the time that is configured, on any
   *     thread; never exceptionally
   */
  public CompletionStage<Decision> ask(Question question) {
    if (question.again() || !answers.keeps()) {
      return send(question, null);
    }
    About about = about(question);
    long nowNs = clockNs.getAsLong();
    Decision known = answers.find(about, nowNs);
    if (known == null) {
      return join(question, about);
    }
    if (answers.ages(about, nowNs)) {
      var _ = join(question, about);
    }
    stats.remembered(action);
    return CompletableFuture.completedFuture(known);
  }

  private CompletableFuture<Decision> join(Question question, About about) {
    CompletableFuture<Decision> mine = new CompletableFuture<>();
    CompletableFuture<Decision> before = underWay.putIfAbsent(about, mine);
    if (before != null) {
      return before;
    }
    var _ =
        send(question, about)
            .whenComplete(
                (decision, failure) -> {
                  underWay.remove(about, mine);
                  mine.complete(decision == null ? new Decision.Unavailable() : decision);
                });
    return mine;
  }

  /** A key is good from where it was shown; a token wherever its holder is. */
  private static About about(Question question) {
    String secret = question.secret() == null ? "" : question.secret();
    String who =
        switch (question.action()) {
          case PUBLISH -> question.ip().getHostAddress() + " " + question.parameters() + secret;
          case PLAY -> secret.isEmpty() ? "@" + question.ip().getHostAddress() : "=" + secret;
        };
    return new About(question.stream(), who);
  }

  private CompletableFuture<Decision> send(Question question, @Nullable About about) {
    Asking asking = new Asking(question, about);
    try {
      asking.stopTimer = timer.after(config.timeout(), asking::late);
    } catch (RejectedExecutionException e) {
      asking.without(Outcome.FAILED, "the server is shutting down");
      return asking.decided;
    }
    if (!shares.take(question.ip())) {
      asking.without(Outcome.BUSY, "more than " + Shares.EACH + " questions about one address");
      return asking.decided;
    }
    var _ = asking.decided.whenComplete((_, _) -> shares.giveBack(question.ip()));
    if (!turns.enter(asking)) {
      asking.without(Outcome.BUSY, "more than " + Turns.WAITING + " questions wait for it");
    }
    return asking.decided;
  }

  /** One question on its way. */
  private final class Asking implements Turns.Task {
    private final Question question;
    private final @Nullable About about;
    private final long sinceNs = clockNs.getAsLong();
    private final CompletableFuture<Decision> decided = new CompletableFuture<>();
    private volatile Runnable stopTimer = () -> {};
    private volatile boolean finished;
    private @Nullable CompletableFuture<Reply> exchange;

    Asking(Question question, @Nullable About about) {
      this.question = question;
      this.about = about;
    }

    @Override
    public boolean over() {
      return finished;
    }

    @Override
    public boolean begin() {
      if (over()) {
        return false;
      }
      CompletableFuture<Reply> begun;
      try {
        begun = sender.post(question.json());
      } catch (RuntimeException e) {
        begun = CompletableFuture.failedFuture(e);
      }
      boolean late;
      synchronized (this) {
        exchange = begun;
        late = over();
      }
      var _ =
          begun.whenComplete(
              (reply, failure) -> {
                turns.leave();
                if (reply != null) {
                  answered(reply);
                } else {
                  without(Outcome.FAILED, why(failure));
                }
              });
      if (late) {
        begun.cancel(true);
      }
      return true;
    }

    void late() {
      without(Outcome.TIMEOUT, "no answer within " + config.timeout().toMillis() + " ms");
      CompletableFuture<Reply> begun;
      synchronized (this) {
        begun = exchange;
      }
      if (begun != null) {
        begun.cancel(true);
      }
    }

    private void answered(Reply reply) {
      switch (reply.meaning()) {
        case Reply.Meaning.Yes(String ladder) ->
            decide(Outcome.ALLOWED, new Decision.Allowed(ladder));
        case Reply.Meaning.No(String reason) ->
            decide(Outcome.REFUSED, new Decision.Refused(reply.status(), fit(reason)));
        case Reply.Meaning.None(String why) -> without(Outcome.FAILED, why);
      }
    }

    /** What would show a key or token to a log is left out. */
    private String fit(String reason) {
      String secret = question.secret();
      boolean tells = secret != null && !secret.isEmpty() && reason.contains(secret);
      return tells ? "" : reason;
    }

    private void decide(Outcome outcome, Decision decision) {
      if (finish(outcome, decision, true)) {
        health.answered();
      }
    }

    private void without(Outcome outcome, String why) {
      Decision decision =
          switch (config.onError()) {
            case ALLOW -> new Decision.Allowed();
            case REFUSE -> new Decision.Unavailable();
          };
      if (finish(outcome, decision, false) && outcome != Outcome.BUSY) {
        health.failed(why, clockNs.getAsLong());
      }
    }

    /** False where it was decided before. */
    private boolean finish(Outcome outcome, Decision decision, boolean answered) {
      synchronized (this) {
        if (finished) {
          return false;
        }
        finished = true;
      }
      long nowNs = clockNs.getAsLong();
      if (about != null) {
        answers.put(about, decision, answered, nowNs);
      }
      stats.asked(action, outcome, nowNs - sinceNs);
      stopTimer.run();
      return decided.complete(decision);
    }
  }

  private static String why(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause == null) {
      return "unknown";
    }
    String text = cause.getMessage();
    return cause.getClass().getSimpleName() + (text == null ? "" : ": " + text);
  }
}
