package io.millrace.loadtest.hostile;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Honest viewers: each fetches a part at fixed times, as a player does that is at the live edge,
 * over a connection that it keeps. A part is in time when it has come before the player's buffer is
 * empty.
 */
final class PacedViewers implements AutoCloseable {
  /** Longer than any buffer; then the player gives up. */
  private static final Duration REQUEST_LIMIT = Duration.ofSeconds(20);

  private final Supplier<URI> part;
  private final long intervalNs;
  private final long bufferNs;
  private final long startNs = System.nanoTime();
  private final List<Viewer> viewers = new ArrayList<>();
  private final Queue<Fetch> fetches = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  /**
   * One part.
   *
   * @param dueNs when the viewer wanted it
   * @param tookNs from then to its last byte; negative when it did not come
   */
  private record Fetch(long dueNs, long tookNs, long bytes) {}

  /**
   * How viewers did.
   *
   * @param due parts that were wanted
   * @param inTime of them, those that came before the buffer was empty
   * @param failed of them, those that did not come at all
   * @param tookNs of those that came, from the shortest to the longest
   */
  record Result(int due, int inTime, int failed, long bytes, long[] tookNs) {
    double share() {
      return due == 0 ? 1 : (double) inTime / due;
    }

    double quantileMs(double quantile) {
      return tookNs.length == 0
          ? 0
          : tookNs[(int) Math.min(tookNs.length - 1, Math.floor(quantile * tookNs.length))] / 1e6;
    }
  }

  /**
   * Starts them.
   *
   * @param pairs of viewers: one of HTTP/1.1 and one of HTTP/2 each
   * @param part asked each time
   * @param buffer what the player has in hand
   */
  PacedViewers(int pairs, Supplier<URI> part, Duration interval, Duration buffer) {
    this.part = part;
    this.intervalNs = interval.toNanos();
    this.bufferNs = buffer.toNanos();
    for (int i = 0; i < pairs; i++) {
      viewers.add(new Viewer(HttpClient.Version.HTTP_1_1));
      viewers.add(new Viewer(HttpClient.Version.HTTP_2));
    }
    viewers.forEach(viewer -> Thread.ofVirtual().start(viewer::watch));
  }

  static URI uri(InetSocketAddress server, String path) {
    return URI.create("https://127.0.0.1:" + server.getPort() + path);
  }

  /** Of parts that were due in a time, which has passed. Waits for those that are still in time. */
  Result result(long fromNs, long toNs) {
    long deadlineNs = toNs + bufferNs;
    while (viewers.stream().anyMatch(viewer -> viewer.nextNs < toNs)
        && System.nanoTime() - deadlineNs < 0) {
      LockSupport.parkNanos(1_000_000);
    }
    List<Fetch> done =
        fetches.stream().filter(each -> each.dueNs >= fromNs && each.dueNs < toNs).toList();
    long perViewer = due(toNs) - due(fromNs);
    int failed = (int) done.stream().filter(each -> each.tookNs < 0).count();
    List<Fetch> came = done.stream().filter(each -> each.tookNs >= 0).toList();
    long[] took = came.stream().mapToLong(Fetch::tookNs).toArray();
    Arrays.sort(took);
    return new Result(
        (int) perViewer * viewers.size(),
        (int) came.stream().filter(each -> each.tookNs <= bufferNs).count(),
        failed,
        came.stream().mapToLong(Fetch::bytes).sum(),
        took);
  }

  /** How many parts are due to a viewer before this. */
  private long due(long ns) {
    return Math.max(0, Math.ceilDiv(ns - startNs, intervalNs));
  }

  private final class Viewer {
    private final HttpClient client;
    private volatile long nextNs = startNs;

    Viewer(HttpClient.Version version) {
      client =
          HttpClient.newBuilder()
              .version(version)
              .sslContext(RawConnection.context())
              .connectTimeout(REQUEST_LIMIT)
              .build();
    }

    /** One part after the other; one that comes late does not move the next one's time. */
    void watch() {
      while (!closed) {
        long dueNs = nextNs;
        long waitNs = dueNs - System.nanoTime();
        if (waitNs > 0) {
          LockSupport.parkNanos(waitNs);
          continue;
        }
        long bytes = fetch();
        fetches.add(new Fetch(dueNs, bytes < 0 ? -1 : System.nanoTime() - dueNs, bytes));
        nextNs = dueNs + intervalNs;
      }
      client.shutdownNow();
    }

    private long fetch() {
      try {
        HttpRequest request = HttpRequest.newBuilder(part.get()).timeout(REQUEST_LIMIT).build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        return response.statusCode() == 200 ? response.body().length : -1;
      } catch (IOException e) {
        return -1;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return -1;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
