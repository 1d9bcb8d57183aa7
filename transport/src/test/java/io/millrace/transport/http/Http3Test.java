package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Headers;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What HTTP/3 owes as the other protocols do, through Netty's client. */
@ExtendWith(NoLeaks.class)
class Http3Test {
  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /** Deadlines so short that what the sweeper does is seen soon. */
  private static HttpLimits quick() {
    Duration soon = Duration.ofMillis(300);
    Duration late = Duration.ofSeconds(30);
    return HttpLimits.DEFAULTS.withDeadlines(late, soon, late, late);
  }

  @Test
  void repliesWithFieldsAndContent() throws Exception {
    HttpHandler handler =
        exchange -> {
          assertThat(exchange.protocol()).isEqualTo(HttpProtocol.HTTP_3);
          assertThat(exchange.secure()).isTrue();
          assertThat(exchange.early()).isFalse();
          assertThat(exchange.remote().getAddress().isLoopbackAddress()).isTrue();
          String seen =
              String.join(
                  " ",
                  exchange.method(),
                  exchange.path(),
                  exchange.query().first("q"),
                  exchange.headers().get("x-test"),
                  exchange.headers().get("host"));
          exchange.respond(HttpReply.of(200, "text/plain", seen.getBytes()).with("x-reply", "r"));
        };
    try (TestServer server = new TestServer(handler);
        Http3Client client = new Http3Client(server)) {
      Http3Client.Request request = client.get("/live/a%20b?q=1");
      assertThat(request.awaitText()).isEqualTo("GET /live/a b 1 t localhost");
      Http3Headers head = request.awaitHead();
      assertThat(head.status()).hasToString("200");
      assertThat(head.get("x-reply")).hasToString("r");
      assertThat(head.get("server")).hasToString("Millrace");
      assertThat(head.get("content-length")).hasToString("27");
      assertThat(head.get("date").toString()).endsWith(" GMT");
      TestServer.await("counted", () -> server.stats.done.get() == 1);
      assertThat(server.stats.lastProtocol).isEqualTo(HttpProtocol.HTTP_3);
      assertThat(server.stats.opened).hasValue(1);
    }
  }

  @Test
  void sendsSeveralArraysAsOneContentOnManyStreamsAtOnce() throws Exception {
    byte[] all = random(300_011);
    List<byte[]> arrays = new ArrayList<>();
    for (int at = 0; at < all.length; at += 70_001) {
      arrays.add(Arrays.copyOfRange(all, at, Math.min(all.length, at + 70_001)));
    }
    ReplyBody body = ReplyBody.of(arrays);
    try (TestServer server =
            new TestServer(exchange -> exchange.respond(new HttpReply(200, List.of(), body)));
        Http3Client client = new Http3Client(server)) {
      List<Http3Client.Request> requests = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        requests.add(client.get("/x"));
      }
      for (Http3Client.Request request : requests) {
        assertThat(request.awaitBody()).isEqualTo(all);
      }
      TestServer.await("all counted", () -> server.stats.done.get() == 5);
      assertThat(server.stats.incomplete).hasValue(0);
      assertThat(server.stats.opened).hasValue(1);
    }
  }

  @Test
  void headHasLengthButNoContent() throws Exception {
    try (TestServer server =
            new TestServer(
                exchange -> exchange.respond(HttpReply.of(200, "text/plain", random(1000))));
        Http3Client client = new Http3Client(server)) {
      Http3Client.Request request = client.request("HEAD", "/x", true);
      assertThat(request.awaitBody()).isEmpty();
      assertThat(request.awaitHead().get("content-length")).hasToString("1000");
    }
  }

  @Test
  void requestContentReachesTheHandlerUpToTheLimit() throws Exception {
    try (TestServer server =
            new TestServer(
                exchange -> exchange.respond(HttpReply.of(200, "x/y", exchange.body())));
        Http3Client client = new Http3Client(server)) {
      byte[] fits = random(64 * 1024);
      Http3Client.Request echo = client.request("PUT", "/x", false);
      echo.write(Arrays.copyOf(fits, 1000), false);
      echo.write(Arrays.copyOfRange(fits, 1000, fits.length), true);
      assertThat(echo.awaitBody()).isEqualTo(fits);
      Http3Client.Request refused = client.request("PUT", "/x", false);
      refused.write(random(64 * 1024 + 1), false); // and does not end
      assertThat(refused.awaitHead().status()).hasToString("413");
      assertThat(client.get("/x").awaitBody()).isEmpty();
    }
  }

  @Test
  void parkedExchangesAreAnsweredFromAnotherThread() throws Exception {
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    try (TestServer server = new TestServer(parked::add);
        Http3Client client = new Http3Client(server)) {
      List<Http3Client.Request> requests = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        requests.add(client.get("/park/" + i));
      }
      TestServer.await("all parked", () -> parked.size() == 50);
      for (HttpExchange exchange : parked) {
        assertThat(exchange.respond(HttpReply.of(200, "t/p", exchange.path().getBytes()))).isTrue();
        assertThat(exchange.respond(HttpReply.of(500))).isFalse();
      }
      for (int i = 0; i < 50; i++) {
        assertThat(requests.get(i).awaitText()).isEqualTo("/park/" + i);
      }
    }
  }

  @Test
  void parkedExchangeIsCancelledWhenTheClientWantsItNoMore() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    HttpHandler handler =
        exchange -> {
          exchange.onCancel(cancelled::countDown);
          parked.add(exchange);
        };
    try (TestServer server = new TestServer(quick(), handler);
        Http3Client client = new Http3Client(server)) {
      Http3Client.Request request = client.get("/p");
      HttpExchange exchange = parked.poll(10, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      request.cancel();
      assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(exchange.cancelled()).isTrue();
      assertThat(exchange.respond(HttpReply.of(200))).isFalse();
      TestServer.await("counted", () -> server.stats.statuses.contains(499));
      assertThat(client.channel.isActive()).isTrue();
    }
  }

  @Test
  void parkedExchangeIsCancelledWhenTheClientLeaves() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    HttpHandler handler =
        exchange -> {
          exchange.onCancel(cancelled::countDown);
          parked.add(exchange);
        };
    try (TestServer server = new TestServer(handler)) {
      Http3Client client = new Http3Client(server);
      client.get("/p");
      assertThat(parked.poll(10, TimeUnit.SECONDS)).isNotNull();
      client.close();
      assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
      TestServer.await("closed", () -> server.stats.closed.contains(CloseReason.PEER));
      assertThat(server.server.connections()).isZero();
    }
  }

  @Test
  void defectInTheHandlerIs500AndTheConnectionGoesOn() throws Exception {
    HttpHandler handler =
        exchange -> {
          if (exchange.path().equals("/bug")) {
            throw new IllegalStateException("bug");
          }
          exchange.respond(HttpReply.of(204));
        };
    try (TestServer server = new TestServer(handler);
        Http3Client client = new Http3Client(server)) {
      assertThat(client.get("/bug").awaitHead().status()).hasToString("500");
      assertThat(client.get("/x").awaitHead().status()).hasToString("204");
      assertThat(server.stats.opened).hasValue(1);
    }
  }

  @Test
  void drainFinishesWhatIsInFlight() throws Exception {
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    try (TestServer server = new TestServer(quick(), parked::add);
        Http3Client client = new Http3Client(server)) {
      Http3Client.Request request = client.get("/p");
      HttpExchange exchange = parked.poll(10, TimeUnit.SECONDS);
      CompletableFuture<Void> drained = server.server.drain(Duration.ofSeconds(10));
      assertThat(client.goAway.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(drained).isNotDone();
      exchange.respond(HttpReply.of(200, "t/p", "late".getBytes()));
      assertThat(request.awaitText()).isEqualTo("late");
      drained.get(10, TimeUnit.SECONDS);
      assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_NO_ERROR.code());
      assertThat(server.server.connections()).isZero();
      assertThat(server.stats.closed).contains(CloseReason.GRACEFUL);
    }
  }

  @Test
  void drainCutsOffWhatDoesNotFinishAndOpensNothing() throws Exception {
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    try (TestServer server = new TestServer(parked::add);
        Http3Client client = new Http3Client(server)) {
      Http3Client.Request request = client.get("/p");
      assertThat(parked.poll(10, TimeUnit.SECONDS)).isNotNull();
      server.server.drain(Duration.ofMillis(50)).get(10, TimeUnit.SECONDS);
      assertThatThrownBy(request::awaitBody).isNotNull();
      assertThat(server.stats.closed).containsExactly(CloseReason.SHUTDOWN);
    }
  }

  @Test
  void connectionIsClosedPolitelyAfterItsShareOfRequests() throws Exception {
    HttpLimits limits = quick().withRequestsPerConnection(5);
    try (TestServer server =
            new TestServer(limits, exchange -> exchange.respond(HttpReply.of(204)));
        Http3Client client = new Http3Client(server)) {
      for (int i = 0; i < 5; i++) {
        assertThat(client.get("/").awaitHead().status()).hasToString("204");
      }
      assertThat(client.goAway.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_NO_ERROR.code());
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.GRACEFUL));
    }
  }

  @Test
  void quietConnectionIsAskedToLeaveAndClosed() throws Exception {
    Duration late = Duration.ofSeconds(30);
    HttpLimits limits = HttpLimits.DEFAULTS.withDeadlines(late, late, Duration.ofMillis(200), late);
    try (TestServer server =
            new TestServer(limits, exchange -> exchange.respond(HttpReply.of(204)));
        Http3Client client = new Http3Client(server)) {
      assertThat(client.get("/").awaitHead().status()).hasToString("204");
      assertThat(client.goAway.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_NO_ERROR.code());
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.IDLE));
    }
  }

  @Test
  void connectionsCountAgainstTheSameLimitAsOverTcp() throws Exception {
    try (TestServer server =
            new TestServer(
                HttpLimits.DEFAULTS.withConnections(1, 1, 100),
                exchange -> exchange.respond(HttpReply.of(204)));
        var taken = server.connect()) {
      TestServer.await("one open", () -> server.server.connections() == 1);
      Thread client = Thread.ofVirtual().start(() -> connectAndClose(server));
      TestServer.await("refused", () -> server.stats.refused.get() >= 1);
      assertThat(server.stats.opened).hasValue(1);
      taken.close(); // the client has sent its Initial again and again, and is let in
      assertThat(client.join(Duration.ofSeconds(10))).isTrue();
      assertThat(server.stats.opened).hasValue(2);
    }
  }

  private static void connectAndClose(TestServer server) {
    try {
      new Http3Client(server).close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void portThatAnotherHasIsRefusedWhole() throws Exception {
    HttpHandler handler = exchange -> exchange.respond(HttpReply.of(204));
    try (TestServer first = new TestServer(handler);
        Http3Client client = new Http3Client(first);
        TestServer second = new TestServer(handler)) {
      assertThatThrownBy(() -> second.server.listen(first.secure, second.tls, second.quic))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on");
      assertThat(second.server.quicListeners).hasSize(1);
      assertThat(client.get("/").awaitHead().status()).hasToString("204");
      try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
        InetSocketAddress address =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), taken.getLocalPort());
        int listeners = second.server.listeners.size();
        assertThatThrownBy(() -> second.server.listen(address, second.tls, second.quic))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("cannot listen on udp");
        assertThat(second.server.listeners).hasSize(listeners);
      }
    }
  }

  @Test
  void repliesOverTcpTellOfHttp3() throws Exception {
    try (TestServer server = new TestServer(exchange -> exchange.respond(HttpReply.of(204)))) {
      String service = "h3=\":" + server.secure.getPort() + "\"; ma=86400";
      for (var version : java.net.http.HttpClient.Version.values()) {
        var request = HttpRequest.newBuilder(server.secureUri("/")).version(version).build();
        var response = server.client().send(request, BodyHandlers.discarding());
        assertThat(response.version()).isEqualTo(version);
        assertThat(response.headers().allValues("alt-svc")).containsExactly(service);
      }
      var plain = HttpRequest.newBuilder(server.plainUri("/")).build();
      var response = server.client().send(plain, BodyHandlers.discarding());
      assertThat(response.headers().allValues("alt-svc")).isEmpty();
    }
  }
}
