package io.millrace.loadtest.e2e;

import io.millrace.transport.Loops;
import io.millrace.transport.http.GrowingContent;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An origin that a test plays: objects of any number under one stream, one that is half there, and
 * nothing else. It counts what it is asked for.
 */
final class PlayedOrigin implements AutoCloseable {
  static final String FOLDER = "/live/played/source/";
  static final int SCAN_BYTES = 512 << 10;
  static final int OBJECT_BYTES = 20_000;
  static final int KNOWN_BYTES = 600_000;

  private final HttpServer server;
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final Queue<String> ranges = new ConcurrentLinkedQueue<>();
  private final Made half = new Made();
  private final Made growing = new Made();

  /**
   * @param loops borrowed
   */
  PlayedOrigin(Loops loops) {
    server = new HttpServer(loops, HttpLimits.DEFAULTS, this::answer, HttpStats.NONE);
    half.add(Arrays.copyOf(content(FOLDER + "known"), KNOWN_BYTES / 2));
  }

  /** Returns the port, of HTTP/1.1 in the clear. */
  int listen() throws IOException {
    return server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
  }

  /** How often a path was asked for. */
  int asked(String path) {
    AtomicInteger count = asked.get(path);
    return count == null ? 0 : count.get();
  }

  /** The ranges that were asked for. */
  List<String> ranges() {
    return List.copyOf(ranges);
  }

  /** Breaks off what is half there; from now on all of it is. */
  void breakOff() {
    half.become(GrowingContent.State.ABANDONED);
  }

  /** Makes more of what grows. */
  void grow(byte[] chunk) {
    growing.add(chunk);
  }

  /** That was all of it. */
  void finish() {
    growing.become(GrowingContent.State.COMPLETE);
  }

  static byte[] bytes(int count, int seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  byte[] content(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    int bytes =
        switch (name) {
          case "known" -> KNOWN_BYTES;
          case "object" -> OBJECT_BYTES;
          default -> SCAN_BYTES;
        };
    return bytes(bytes, path.hashCode());
  }

  private void answer(HttpExchange exchange) {
    String path = exchange.path();
    asked.computeIfAbsent(path, _ -> new AtomicInteger()).incrementAndGet();
    String range = exchange.headers().get("range");
    if (range != null) {
      ranges.add(range);
    }
    boolean there = path.startsWith(FOLDER) && !path.endsWith("none");
    boolean _ =
        exchange.respond(
            path.equals("/time")
                ? HttpReply.of(204)
                : there ? object(exchange, path) : Problem.reply(404, "No", "Nothing is here"));
  }

  private HttpReply object(HttpExchange exchange, String path) {
    boolean broken = half.growth.state() != GrowingContent.State.GROWING;
    ReplyBody body =
        switch (path.substring(FOLDER.length())) {
          case "grows" -> new ReplyBody.Growing(growing.content);
          case "known" ->
              broken
                  ? ReplyBody.of(content(path))
                  : new ReplyBody.Growing(half.content, KNOWN_BYTES);
          default -> ReplyBody.of(content(path));
        };
    return new Representation(
            "video/mp4",
            body,
            "\"" + path.hashCode() + "\"",
            null,
            List.of(new Header("cache-control", "public, max-age=31536000, immutable")),
            true)
        .reply(exchange.method(), exchange.headers());
  }

  @Override
  public void close() {
    server.close();
  }

  /** Content that is made piece by piece. */
  private static final class Made implements GrowingContent.Source {
    final GrowingContent content = new GrowingContent(this);
    private final Queue<Runnable> wakes = new ConcurrentLinkedQueue<>();
    private volatile GrowingContent.Growth growth =
        new GrowingContent.Growth(List.of(), GrowingContent.State.GROWING);

    synchronized void add(byte[] chunk) {
      List<byte[]> chunks = new ArrayList<>(growth.chunks());
      chunks.add(chunk);
      growth = new GrowingContent.Growth(List.copyOf(chunks), GrowingContent.State.GROWING);
      wakes.forEach(Runnable::run);
    }

    synchronized void become(GrowingContent.State state) {
      growth = new GrowingContent.Growth(growth.chunks(), state);
      wakes.forEach(Runnable::run);
    }

    @Override
    public GrowingContent.Growth growth() {
      return growth;
    }

    @Override
    public void onGrowth(Runnable wake) {
      wakes.add(wake);
    }
  }
}
