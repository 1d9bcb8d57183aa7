package io.millrace.server.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.event.EventSink;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.http.Problem;
import io.millrace.transport.http.client.ClientFailure;
import io.millrace.transport.http.client.ClientListener;
import io.millrace.transport.http.client.ClientSettings;
import io.millrace.transport.http.client.ClientTarget;
import io.millrace.transport.http.client.HttpClientPool;
import io.millrace.transport.http.client.ReplyHead;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which origin is asked, with two real ones over loopback. */
class OriginsTest {
  private static final ClientSettings QUICK =
      new ClientSettings(
          4, 8, 10, 100, Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(20));

  private final Loops loops = Loops.open(2, "origins-test");
  private final EventLoop loop = loops.group().next();
  private final List<HttpServer> servers = new ArrayList<>();
  private final List<InetSocketAddress> addresses = new ArrayList<>();
  private final Map<Integer, Integer> status = new ConcurrentHashMap<>();
  private final Queue<String> asked = new ConcurrentLinkedQueue<>();
  private final EdgeStats stats = new EdgeStats();
  private Origins origins;

  @BeforeEach
  void start() throws Exception {
    List<OriginServer> all = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int number = i;
      HttpServer server =
          new HttpServer(
              loops, HttpLimits.DEFAULTS, exchange -> answer(number, exchange), HttpStats.NONE);
      servers.add(server);
      addresses.add(server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
      ClientTarget target = new ClientTarget("127.0.0.1", addresses.get(i).getPort(), false);
      all.add(
          new OriginServer(
              target.toString(), pool(target), pool(target), System::nanoTime, EventSink.NONE));
    }
    origins =
        new Origins(
            all, loop, System::nanoTime, stats, stream -> List.of(new Header("x-stream", stream)));
  }

  private HttpClientPool pool(ClientTarget target) {
    return new HttpClientPool(loop, loops.channel(), target, null, QUICK, System::nanoTime);
  }

  @AfterEach
  void stop() {
    origins.close();
    servers.forEach(HttpServer::close);
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void answer(int number, HttpExchange exchange) {
    if (!exchange.path().equals("/time")) {
      asked.add(number + exchange.path() + " " + exchange.headers().get("x-stream"));
    }
    int code = status.getOrDefault(number, 200);
    exchange.respond(
        code == 200
            ? HttpReply.of(200, "t/p", ("of " + number).getBytes())
            : Problem.reply(code, "No", "the test says so"));
  }

  private CompletableFuture<Object> fetch(String path, ObjectKey.Kind kind) {
    CompletableFuture<Object> outcome = new CompletableFuture<>();
    var _ =
        origins.fetch(
            new ObjectKey(path, "", "", "", kind),
            List.of(),
            new ClientListener() {
              @Override
              public void head(ReplyHead head) {
                if (head.status() != 200) {
                  outcome.complete(head.status());
                }
              }

              @Override
              public void data(byte[] chunk) {
                outcome.complete(new String(chunk));
              }

              @Override
              public void ended() {}

              @Override
              public void failed(ClientFailure failure) {
                outcome.complete(failure.kind());
              }
            });
    return outcome;
  }

  private Object list(String path) throws Exception {
    return fetch(path, ObjectKey.Kind.LIST).get(20, TimeUnit.SECONDS);
  }

  private Object media(String path) throws Exception {
    return fetch(path, ObjectKey.Kind.MEDIA).get(20, TimeUnit.SECONDS);
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("not in time: %s", what).isLessThan(deadlineNs);
      Thread.onSpinWait();
    }
  }

  @Test
  void streamsAreSpreadAndEachStaysWhereItIs() throws Exception {
    Map<Object, Integer> spread = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      Object from = list("/live/s" + i + "/a");
      assertThat(media("/live/s" + i + "/b")).isEqualTo(from);
      spread.merge(from, 1, Integer::sum);
    }
    assertThat(spread).hasSize(2);
    assertThat(spread.values()).allMatch(count -> count > 5);
    assertThat(asked).anyMatch(each -> each.endsWith("/live/s7/a /live/s7"));
  }

  @Test
  void aStreamIsLookedForWhereItIs() throws Exception {
    for (int missing = 0; missing < 2; missing++) {
      status.clear();
      status.put(missing, 404);
      String there = "of " + (1 - missing);
      assertThat(list("/live/only" + missing + "/a")).isEqualTo(there);
      asked.clear();
      assertThat(media("/live/only" + missing + "/b")).isEqualTo(there);
      assertThat(asked).hasSize(1);
    }
    status.put(0, 404);
    status.put(1, 404);
    assertThat(list("/live/nowhere/a")).isEqualTo(404);
  }

  @Test
  void aLostOriginsStreamsAreAskedOfTheOther() throws Exception {
    String of0 = null;
    for (int i = 0; of0 == null; i++) {
      of0 = list("/live/s" + i + "/a").equals("of 0") ? "/live/s" + i : null;
    }
    servers.getFirst().close();
    assertThat(media(of0 + "/b")).isEqualTo("of 1");
    assertThat(list(of0 + "/a")).isEqualTo("of 1");
    long lately = System.nanoTime() - Duration.ofMinutes(1).toNanos();
    assertThat(origins.troubledSince(of0, lately)).isFalse(); // it lives elsewhere by now
    servers.get(1).close();
    assertThat(list(of0 + "/a")).isInstanceOf(ClientFailure.Kind.class);
    assertThat(origins.troubledSince(of0, lately)).isTrue();
    assertThat(origins.troubledSince("/live/never-seen", lately)).isFalse();
    HttpServer again =
        new HttpServer(loops, HttpLimits.DEFAULTS, exchange -> answer(0, exchange), HttpStats.NONE);
    servers.set(0, again);
    again.listen(addresses.getFirst());
    String stream = of0;
    await(
        "the origin to be back",
        () -> fetch(stream + "/c", ObjectKey.Kind.MEDIA).join().equals("of 0"));
  }

  @Test
  void anOriginThatFailsIsLeftOut() throws Exception {
    status.put(0, 502);
    for (int i = 0; i < 10; i++) {
      assertThat(list("/live/s" + i + "/a")).isEqualTo("of 1");
    }
    status.put(1, 500);
    assertThat(list("/live/s/a")).isIn(500, 502);
  }
}
