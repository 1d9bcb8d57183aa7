package io.millrace.server.webhook;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.media.StreamKey;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a webhook has answered lately, {@value #MAX_BYTES} bytes of it. Thread-safe. */
final class Answers {
  private static final int MAX_BYTES = 32 << 20;

  /** Of an answer without its text. */
  private static final int OVERHEAD_BYTES = 200;

  /** Who has been refused may have paid since. */
  private static final Duration REFUSED_FOR = Duration.ofSeconds(10);

  /** So that a webhook that is down is not asked by every request of every viewer. */
  private static final Duration UNANSWERED_FOR = Duration.ofSeconds(1);

  private final long allowedNs;
  private final long refusedNs;
  private final long unansweredNs;
  private final Cache<About, Kept> kept =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((About about, Kept _) -> OVERHEAD_BYTES + 2 * about.who.length())
          .executor(Runnable::run)
          .build();

  /**
   * What an answer is about.
   *
   * @param who a key with an address, a token, or an address
   */
  record About(StreamKey stream, String who) {
    /** Shows no secret. */
    @Override
    public String toString() {
      return "About[" + stream + "]";
    }
  }

  /**
   * An answer.
   *
   * @param answered whether it is the webhook's, rather than what holds without one
   * @param renewNs from when on another one may be asked for
   */
  private record Kept(Decision decision, boolean answered, long renewNs, long untilNs) {}

  Answers(Duration cache) {
    allowedNs = cache.toNanos();
    refusedNs = Math.min(allowedNs, REFUSED_FOR.toNanos());
    unansweredNs = Math.min(allowedNs, UNANSWERED_FOR.toNanos());
  }

  /** False where answers are not kept. */
  boolean keeps() {
    return allowedNs > 0;
  }

  /** Null where there is none that is still good. */
  @Nullable Decision find(About about, long nowNs) {
    Kept found = kept.getIfPresent(about);
    return found == null || nowNs - found.untilNs >= 0 ? null : found.decision;
  }

  /** True for an answer that is good and will soon be too old. */
  boolean ages(About about, long nowNs) {
    Kept found = kept.getIfPresent(about);
    return found != null && nowNs - found.renewNs >= 0;
  }

  /**
   * Keeps an answer. One that came without the webhook's having said anything does not take the
   * place of one that is still good.
   */
  void put(About about, Decision decision, boolean answered, long nowNs) {
    if (!keeps()) {
      return;
    }
    Kept former = kept.getIfPresent(about);
    if (!answered && former != null && former.answered && nowNs - former.untilNs < 0) {
      kept.put(about, new Kept(former.decision, true, nowNs + unansweredNs, former.untilNs));
      return;
    }
    long forNs =
        !answered
            ? unansweredNs
            : switch (decision) {
              case Decision.Allowed _ -> allowedNs;
              case Decision.Refused _ -> refusedNs;
              case Decision.Unavailable _ -> unansweredNs;
            };
    kept.put(about, new Kept(decision, answered, nowNs + forNs / 4 * 3, nowNs + forNs));
  }
}
