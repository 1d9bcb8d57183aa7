package io.millrace.server.keys;

import io.millrace.packager.crypt.ClearKeys;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.KeyProvider;
import java.net.URI;
import java.time.Duration;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one stream from a key server, each asked for a crypto period ahead. A server that is
 * slow or away is asked again, ever more seldom; meanwhile the stream goes on with the key it has,
 * and the log says so once. Bounded: a few periods are remembered. Thread-safe; never blocks.
 */
final class KeyServerKeys implements KeyProvider {
  private static final Logger LOG = LoggerFactory.getLogger(KeyServerKeys.class);
  private static final int MAX_REMEMBERED = 8;
  private static final long FIRST_PAUSE_MS = 1_000;
  private static final long LONGEST_PAUSE_MS = 30_000;

  /** After these, a live stream asks anew at its next segment, and one that is over does not. */
  private static final int MAX_ATTEMPTS = 6;

  private final Function<String, CompletableFuture<byte[]>> server;
  private final Function<Long, Executor> later;
  private final String host;
  private final CpixRequest request;
  private final ClearKeys names;
  private final boolean rotates;

  /** Null where the answer has not come. */
  private final TreeMap<Long, @Nullable ContentKey> keys = new TreeMap<>();

  private boolean away;

  /**
   * @param names gives keys their names, and an IV where the server gives none
   */
  KeyServerKeys(
      KeyServerClient client, URI server, CpixRequest request, ClearKeys names, Duration rotate) {
    this(
        document -> client.post(server, document),
        pauseMs -> CompletableFuture.delayedExecutor(pauseMs, TimeUnit.MILLISECONDS),
        String.valueOf(server.getHost()),
        request,
        names,
        !rotate.isZero());
  }

  /**
   * @param server answers a document
   * @param later runs something after so many milliseconds
   */
  KeyServerKeys(
      Function<String, CompletableFuture<byte[]>> server,
      Function<Long, Executor> later,
      String host,
      CpixRequest request,
      ClearKeys names,
      boolean rotates) {
    this.server = server;
    this.later = later;
    this.host = host;
    this.request = request;
    this.names = names;
    this.rotates = rotates;
  }

  @Override
  public synchronized @Nullable ContentKey find(long period) {
    return keys.get(period);
  }

  @Override
  public void prepare(long period) {
    synchronized (this) {
      if (keys.containsKey(period)) {
        return;
      }
      keys.put(period, null);
      if (keys.size() > MAX_REMEMBERED) {
        keys.pollFirstEntry();
      }
    }
    ask(period, 1);
  }

  private void ask(long period, int attempt) {
    UUID kid = names.kid(period);
    var unused =
        server
            .apply(request.document(kid, period, rotates))
            .thenApply(
                document -> {
                  try {
                    return CpixResponse.read(document, kid, names.find(period).iv());
                  } catch (KeyServerException e) {
                    throw new CompletionException(e);
                  }
                })
            .whenComplete(
                (key, failure) -> {
                  if (key != null) {
                    came(period, key);
                  } else {
                    failed(period, attempt, failure);
                  }
                });
  }

  private synchronized void came(long period, ContentKey key) {
    if (keys.containsKey(period)) {
      keys.put(period, key);
    }
    if (away) {
      away = false;
      LOG.atInfo()
          .addKeyValue("stream", request.content())
          .addKeyValue("server", host)
          .log("key server answers again");
    }
  }

  private void failed(long period, int attempt, @Nullable Throwable failure) {
    synchronized (this) {
      if (!keys.containsKey(period)) {
        return; // nobody needs it any more
      }
      if (!away) {
        away = true;
        LOG.atWarn()
            .addKeyValue("stream", request.content())
            .addKeyValue("server", host)
            .addKeyValue("reason", reason(failure))
            .log("key server gives no key; the stream keeps the one it has, if any");
      }
      if (attempt == MAX_ATTEMPTS) {
        keys.remove(period);
        return;
      }
    }
    long pauseMs = Math.min(FIRST_PAUSE_MS << (attempt - 1), LONGEST_PAUSE_MS);
    later.apply(pauseMs).execute(() -> ask(period, attempt + 1));
  }

  private static String reason(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof KeyServerException known
        ? String.valueOf(known.getMessage())
        : cause == null ? "unknown" : cause.getClass().getSimpleName();
  }
}
