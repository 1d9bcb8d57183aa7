package io.millrace.loadtest.e2e;

import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Watches one rendition through whatever happens to its origin: blocking reloads, hinted parts,
 * every segment that is listed. It keeps what it gets, and every answer is noted that a player
 * would call an error. On a thread of its own.
 */
final class OutageViewer {
  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int BROKEN_OFF = 0;
  private static final int PATIENCE_ENDED = 1;

  private final URI uri;
  private final Map<URI, CompletableFuture<HttpResponse<byte[]>>> hints = new HashMap<>();
  private final TreeMap<Long, HlsPlaylist.Entry> entries = new TreeMap<>();
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private final Thread thread = Thread.ofPlatform().unstarted(this::watch);
  private volatile boolean stopped;
  private volatile Runnable whenIdle = () -> {};
  private volatile long read;
  private volatile long stale;
  private volatile long hintsRefused;
  private volatile long reached = -1;

  /**
   * @param uri of a media playlist
   */
  OutageViewer(URI uri) {
    this.uri = uri;
  }

  OutageViewer start() {
    thread.start();
    return this;
  }

  void stop() throws InterruptedException {
    stopped = true;
    thread.join(LIMIT.toMillis());
    if (thread.isAlive()) {
      problems.add("still waits for an answer");
    }
  }

  /** What a player would call an error. */
  List<String> problems() {
    return problems;
  }

  /** Has something done once, at a moment in which it has everything that is listed. */
  CompletableFuture<Void> whenIdle(Runnable what) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    whenIdle =
        () -> {
          whenIdle = () -> {};
          what.run();
          done.complete(null);
        };
    return done;
  }

  /** Segments that it has. */
  long segmentsRead() {
    return read;
  }

  /** Reloads that were answered with less than was asked for. */
  long staleReloads() {
    return stale;
  }

  /** Hinted parts that never came, as may be. */
  long hintsRefused() {
    return hintsRefused;
  }

  /** The media sequence number of the segment that is being made. */
  long reached() {
    return reached;
  }

  /** Sequence numbers that were listed as missing; after {@link #stop}. */
  List<Long> gaps() {
    return entries.values().stream()
        .filter(HlsPlaylist.Entry::gap)
        .map(HlsPlaylist.Entry::sequence)
        .toList();
  }

  private void watch() {
    try {
      HlsPlaylist.Media newest = load("");
      while (newest != null && !stopped) {
        take(newest);
        newest = next(newest);
      }
    } catch (RuntimeException | AssertionError e) {
      problems.add("gave up: " + e);
    }
  }

  private HlsPlaylist.Media next(HlsPlaylist.Media known) {
    long sequence = known.openSequence();
    int part = known.openParts();
    whenIdle.run();
    HlsPlaylist.Media next = load("?_HLS_msn=" + sequence + "&_HLS_part=" + part);
    if (next != null && next.openSequence() == sequence && next.openParts() <= part) {
      stale++;
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return next;
  }

  private HlsPlaylist.Media load(String query) {
    byte[] text = get(uri.resolve(uri.getPath() + query));
    return text == null ? null : HlsPlaylist.media(uri, new String(text, StandardCharsets.UTF_8));
  }

  private byte[] get(URI from) {
    try {
      HttpResponse<byte[]> response = Web.get(from);
      if (response.statusCode() == 200) {
        return response.body();
      }
      String body = new String(response.body(), StandardCharsets.UTF_8);
      problems.add("GET " + from + ": " + response.statusCode() + " " + body);
    } catch (UncheckedIOException e) {
      problems.add(e + " " + e.getCause());
    }
    return null;
  }

  private void take(HlsPlaylist.Media playlist) {
    if (playlist.openSequence() < reached) {
      problems.add("went back from " + reached + " to " + playlist.openSequence());
    }
    reached = playlist.openSequence();
    for (HlsPlaylist.Entry entry : playlist.entries()) {
      HlsPlaylist.Entry known = entries.putIfAbsent(entry.sequence(), entry);
      if (known == null) {
        fetch(entry);
      } else if (!known.uri().equals(entry.uri()) || known.gap() != entry.gap()) {
        problems.add("changed from " + known + " to " + entry);
      }
    }
    URI hint = playlist.lowLatency().hint();
    if (hint != null) {
      hints.computeIfAbsent(hint, Web::ask);
    }
    hints.values().removeIf(this::isOver);
  }

  private void fetch(HlsPlaylist.Entry entry) {
    if (entries.containsKey(entry.sequence() - 1) || entries.size() == 1) {
      if (!entry.gap() && get(entry.uri()) != null) {
        read++;
      }
    } else {
      problems.add("nothing is known of what is before " + entry.sequence());
    }
  }

  /**
   * A hint may turn out to be wrong (RFC 8216bis §4.4.5.3); a server's error is one all the same.
   */
  private boolean isOver(CompletableFuture<HttpResponse<byte[]>> hint) {
    if (!hint.isDone()) {
      return false;
    }
    int status = hint.handle(OutageViewer::status).join();
    if (status >= 500) {
      problems.add("a hinted part: " + status);
    } else if (status != 200 && status != PATIENCE_ENDED) {
      hintsRefused++;
    }
    return true;
  }

  private static int status(HttpResponse<byte[]> reply, Throwable failure) {
    if (reply != null) {
      return reply.statusCode();
    }
    boolean late =
        failure instanceof HttpTimeoutException
            || failure.getCause() instanceof HttpTimeoutException;
    return late ? PATIENCE_ENDED : BROKEN_OFF;
  }

  /** What is still on its way is looked at too; after {@link #stop}. */
  OutageViewer settle() {
    List<CompletableFuture<HttpResponse<byte[]>>> left = new ArrayList<>(hints.values());
    for (CompletableFuture<HttpResponse<byte[]>> hint : left) {
      CompletableFuture<?> over = hint.handle((_, _) -> true);
      over.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
      isOver(hint);
    }
    return this;
  }
}
