package io.millrace.server.auth;

import io.millrace.media.StreamKey;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides who may publish.
 *
 * <ul>
 *   <li>A path with keys configured takes these keys, from anywhere.
 *   <li>A path without takes a publisher from a loopback address as it is, and everyone else with
 *       the key made at the first start.
 * </ul>
 *
 * <p>Argon2 runs on {@value #THREADS} threads of its own behind a queue of {@value #QUEUED}
 * attempts, and a source that keeps failing is refused without it ({@link AttemptLimiter}). A
 * missing or wrong key leaves a line in the log; a refusal for want of capacity does not, so that a
 * flood cannot fill the disk. Thread-safe; {@link #authorize} never blocks.
 */
public final class PublishKeys implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PublishKeys.class);
  private static final int THREADS = 2;
  private static final int QUEUED = 64;
  private static final int MAX_KEY_CHARS = 512;

  private final Function<StreamKey, List<Argon2Hash>> configured;
  private final List<Argon2Hash> firstStartKey;
  private final LongSupplier clockNs;
  private final AttemptLimiter limiter = new AttemptLimiter();
  private final VerifiedKeys verified = new VerifiedKeys(new SecureRandom());
  private final ThreadPoolExecutor executor;

  /** What becomes of an attempt. */
  public enum Verdict {
    ALLOWED("allowed"),
    /** A key is needed and none was given. */
    KEY_MISSING("this stream needs a key"),
    KEY_WRONG("wrong key"),
    /** The source has failed too often; the key was not looked at. */
    TOO_MANY_FAILURES("too many failed attempts, try again in a minute"),
    /** More attempts are waiting than are checked at a time. */
    BUSY("too many attempts at this moment, try again");

    private final String text;

    Verdict(String text) {
      this.text = text;
    }

    /** For the publisher and the log. */
    public String text() {
      return text;
    }
  }

  /**
   * @param configured hashes for a stream, empty where none are configured; called on the thread of
   *     the attempt
   * @param firstStartKey see {@link FirstStartKey}
   * @param clockNs {@code System::nanoTime}
   */
  public PublishKeys(
      Function<StreamKey, List<Argon2Hash>> configured,
      Argon2Hash firstStartKey,
      LongSupplier clockNs) {
    this.configured = configured;
    this.firstStartKey = List.of(firstStartKey);
    this.clockNs = clockNs;
    executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUED),
            Thread.ofPlatform().daemon().name("publish-keys-", 0).factory());
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Decides about one attempt.
   *
   * @param key as the publisher gave it; null where it gave none
   * @return done at once, or later on a thread of this class; never exceptionally
   */
  public CompletionStage<Verdict> authorize(
      StreamKey stream, @Nullable String key, InetAddress source) {
    List<Argon2Hash> hashes = configured.apply(stream);
    if (hashes.isEmpty()) {
      if (source.isLoopbackAddress()) {
        return CompletableFuture.completedFuture(Verdict.ALLOWED);
      }
      hashes = firstStartKey;
    }
    if (key == null || key.isEmpty()) {
      return refuse(stream, source, Verdict.KEY_MISSING);
    }
    if (!limiter.take(source, clockNs.getAsLong())) {
      return CompletableFuture.completedFuture(Verdict.TOO_MANY_FAILURES);
    }
    if (key.length() > MAX_KEY_CHARS) {
      return refuse(stream, source, Verdict.KEY_WRONG);
    }
    if (hashes.stream().anyMatch(hash -> verified.contains(hash, key))) {
      limiter.giveBack(source);
      return CompletableFuture.completedFuture(Verdict.ALLOWED);
    }
    return verify(hashes, stream, key, source);
  }

  private CompletionStage<Verdict> verify(
      List<Argon2Hash> hashes, StreamKey stream, String key, InetAddress source) {
    try {
      return CompletableFuture.supplyAsync(() -> match(hashes, key), executor)
          .handle(
              (matched, failure) -> {
                if (failure != null) {
                  LOG.atError()
                      .addKeyValue("stream", stream)
                      .setCause(failure)
                      .log("publish key not checked");
                  return Verdict.BUSY;
                }
                if (matched) {
                  limiter.giveBack(source);
                  return Verdict.ALLOWED;
                }
                report(stream, source, Verdict.KEY_WRONG);
                return Verdict.KEY_WRONG;
              });
    } catch (RejectedExecutionException _) {
      limiter.giveBack(source);
      return CompletableFuture.completedFuture(Verdict.BUSY);
    }
  }

  private boolean match(List<Argon2Hash> hashes, String key) {
    for (Argon2Hash hash : hashes) {
      if (hash.matches(key)) {
        verified.add(hash, key);
        return true;
      }
    }
    return false;
  }

  private static CompletionStage<Verdict> refuse(
      StreamKey stream, InetAddress source, Verdict verdict) {
    report(stream, source, verdict);
    return CompletableFuture.completedFuture(verdict);
  }

  private static void report(StreamKey stream, InetAddress source, Verdict verdict) {
    LOG.atInfo()
        .addKeyValue("stream", stream)
        .addKeyValue("remote", source.getHostAddress())
        .addKeyValue("reason", verdict.text())
        .log("publish refused");
  }

  /** Ends the threads; attempts that wait are never decided. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
