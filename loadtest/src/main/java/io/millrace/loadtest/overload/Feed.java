package io.millrace.loadtest.overload;

import io.millrace.loadtest.overload.PartViewer.Watched;
import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One stream: its publisher, and a viewer of each rendition that counts. Confined to one thread.
 */
final class Feed {
  private static final long ACCEPT_LIMIT_S = 20;

  private final String name;
  private final long askedMs;
  private final long answeredMs;
  private final @Nullable ClipPublisher publisher;
  private final String refusal;
  private final Map<String, PartViewer> viewers = new LinkedHashMap<>();
  private long stoppedMs;
  private long pendingBytes;
  private long mostPendingBytes;
  private ClipPublisher.@Nullable Stats last;

  /**
   * When a stream was there. Times are since the epoch.
   *
   * @param askedMs when its publisher asked
   * @param answeredMs when it was taken or refused
   * @param stoppedMs 0 while it goes on, and for one that was refused
   * @param refusal in the server's words; empty where it was taken
   */
  record Course(String name, long askedMs, long answeredMs, long stoppedMs, String refusal) {
    boolean isTaken() {
      return refusal.isEmpty();
    }
  }

  private Feed(String name, long askedMs, @Nullable ClipPublisher publisher, String refusal) {
    this.name = name;
    this.askedMs = askedMs;
    this.answeredMs = System.currentTimeMillis();
    this.publisher = publisher;
    this.refusal = refusal;
  }

  /**
   * Publishes, and has the stream watched where it is taken.
   *
   * @param rtmpPort of the server
   * @param http where the server delivers
   */
  static Feed start(
      Loops loops,
      int rtmpPort,
      InetSocketAddress http,
      String name,
      FlvClip clip,
      List<String> watch)
      throws InterruptedException {
    long askedMs = System.currentTimeMillis();
    RtmpTarget target = RtmpTarget.parse("rtmp://127.0.0.1:" + rtmpPort + "/" + name);
    Feed feed;
    try {
      ClipPublisher publisher =
          ClipPublisher.start(loops, target, null, clip)
              .toCompletableFuture()
              .get(ACCEPT_LIMIT_S, TimeUnit.SECONDS);
      feed = new Feed(name, askedMs, publisher, "");
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      return new Feed(name, askedMs, null, String.valueOf(cause.getMessage()));
    }
    for (String rendition : watch) {
      PartViewer viewer = new PartViewer(http, "/" + name + "/" + rendition + "/");
      feed.viewers.put(rendition, viewer);
      Thread.ofVirtual().name(name + "/" + rendition).start(viewer);
    }
    return feed;
  }

  /**
   * Counts what waits for the publisher's socket at two looks in a row: at one there may just be a
   * key frame on its way.
   */
  void look() {
    ClipPublisher sending = publisher;
    if (sending != null && stoppedMs == 0) {
      long nowBytes = sending.pendingBytes();
      mostPendingBytes = Math.max(mostPendingBytes, Math.min(pendingBytes, nowBytes));
      pendingBytes = nowBytes;
    }
  }

  /** Its viewers go, then it does. Returns when the server has let it go. */
  void stop() throws IOException {
    ClipPublisher sending = publisher;
    if (sending == null || stoppedMs != 0) {
      return;
    }
    viewers.values().forEach(PartViewer::stop);
    last = sending.stats();
    var _ = sending.stop().toCompletableFuture().join();
    stoppedMs = System.currentTimeMillis();
  }

  Course course() {
    return new Course(name, askedMs, answeredMs, stoppedMs, refusal);
  }

  long mostPendingBytes() {
    return mostPendingBytes;
  }

  /** Null for one that was refused. */
  ClipPublisher.@Nullable Stats stats() {
    ClipPublisher sending = publisher;
    return last != null || sending == null ? last : sending.stats();
  }

  /** By rendition. */
  Map<String, Watched> seen() {
    Map<String, Watched> seen = new LinkedHashMap<>();
    viewers.forEach((rendition, viewer) -> seen.put(rendition, viewer.seen()));
    return seen;
  }

  /** What the viewer of a rendition has missed; nothing where there is none. */
  List<PartViewer.Miss> misses(String rendition) {
    PartViewer viewer = viewers.get(rendition);
    return viewer == null ? List.of() : viewer.misses();
  }

  /** Of all feeds together. */
  static Watched seen(List<Feed> feeds, String rendition) {
    List<Watched> each = new ArrayList<>();
    feeds.forEach(feed -> each.add(feed.seen().getOrDefault(rendition, Watched.NOTHING)));
    return each.stream().reduce(Watched.NOTHING, Watched::plus);
  }
}
