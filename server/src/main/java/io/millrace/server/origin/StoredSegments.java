package io.millrace.server.origin;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.packager.dvr.FileRange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Reads segments from disk, off the event loops: each once for all who ask for it at the same time,
 * and what was read lately is kept for the next ones, who are few minutes behind the first if
 * something is worth going back to. Memory is bounded by {@link #MAX_KEPT_BYTES} and what is being
 * read. Thread-safe.
 */
final class StoredSegments {
  private static final long MAX_KEPT_BYTES = 64L << 20;
  private static final Duration KEPT = Duration.ofSeconds(30);

  /** A disk does not get faster by more. */
  private static final int THREADS = 4;

  private static final int MAX_WAITING = 1024;
  private static final long IDLE_S = 30;

  /** What came of reading: a cache would tell the log of a failure that is none of its business. */
  private sealed interface Outcome {}

  @SuppressWarnings("ArrayRecordComponent") // shared, never compared
  private record Bytes(byte[] bytes) implements Outcome {}

  private record Failed(IOException failure) implements Outcome {}

  private final AsyncCache<FileRange, Outcome> segments;

  StoredSegments() {
    this(onDemand());
  }

  StoredSegments(Executor reader) {
    this.segments =
        Caffeine.newBuilder()
            .maximumWeight(MAX_KEPT_BYTES)
            .weigher(
                (FileRange _, Outcome outcome) ->
                    outcome instanceof Bytes(byte[] bytes) ? bytes.length : 0)
            .expireAfterAccess(KEPT)
            .executor(reader)
            .buildAsync();
  }

  private static Executor onDemand() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_S,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING),
            Thread.ofPlatform().name("dvr-read-", 0).daemon().factory());
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * The bytes of a segment, shared and read-only.
   *
   * @return fails with an {@link UncheckedIOException} where they cannot be read, of a {@link
   *     java.nio.file.NoSuchFileException} where they have left the disk, and with a {@link
   *     RejectedExecutionException} where too many wait
   */
  CompletableFuture<byte[]> read(FileRange range) {
    try {
      return segments.get(range, StoredSegments::load).thenApply(outcome -> bytes(range, outcome));
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Outcome load(FileRange range) {
    try {
      return new Bytes(range.read());
    } catch (IOException e) {
      return new Failed(e);
    }
  }

  private byte[] bytes(FileRange range, Outcome outcome) {
    return switch (outcome) {
      case Bytes(byte[] bytes) -> bytes;
      case Failed(IOException failure) -> {
        segments.synchronous().invalidate(range);
        throw new UncheckedIOException(failure);
      }
    };
  }
}
