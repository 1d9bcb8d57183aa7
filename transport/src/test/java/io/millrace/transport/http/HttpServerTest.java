package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What both protocols owe alike, through the JDK's client. */
@ExtendWith(NoLeaks.class)
class HttpServerTest {
  enum Way {
    PLAIN_HTTP1(HttpClient.Version.HTTP_1_1, false, HttpProtocol.HTTP_1_1),
    TLS_HTTP1(HttpClient.Version.HTTP_1_1, true, HttpProtocol.HTTP_1_1),
    TLS_HTTP2(HttpClient.Version.HTTP_2, true, HttpProtocol.HTTP_2);

    final HttpClient.Version version;
    final boolean secure;
    final HttpProtocol protocol;

    Way(HttpClient.Version version, boolean secure, HttpProtocol protocol) {
      this.version = version;
      this.secure = secure;
      this.protocol = protocol;
    }

    HttpRequest.Builder request(TestServer server, String target) {
      return HttpRequest.newBuilder(secure ? server.secureUri(target) : server.plainUri(target))
          .version(version)
          .timeout(Duration.ofSeconds(20));
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void repliesWithFieldsAndContent(Way way) throws Exception {
    HttpHandler handler =
        exchange -> {
          assertThat(exchange.protocol()).isEqualTo(way.protocol);
          assertThat(exchange.secure()).isEqualTo(way.secure);
          assertThat(exchange.remote().getAddress().isLoopbackAddress()).isTrue();
          String seen =
              exchange.method()
                  + " "
                  + exchange.path()
                  + " "
                  + exchange.query().first("q")
                  + " "
                  + exchange.headers().get("x-test");
          exchange.respond(HttpReply.of(200, "text/plain", seen.getBytes()).with("x-reply", "r"));
        };
    try (TestServer server = new TestServer(handler)) {
      HttpResponse<String> response =
          server
              .client()
              .send(
                  way.request(server, "/live/a%20b?q=1").header("X-Test", "t").build(),
                  BodyHandlers.ofString());
      assertThat(response.version()).isEqualTo(way.version);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("GET /live/a b 1 t");
      assertThat(response.headers().firstValue("x-reply")).contains("r");
      assertThat(response.headers().firstValue("server")).contains("Millrace");
      assertThat(response.headers().firstValue("content-length")).contains("17");
      assertThat(response.headers().firstValue("date").orElse("")).endsWith(" GMT");
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void sendsSeveralArraysAsOneContent(Way way) throws Exception {
    byte[] all = random(5_000_011);
    List<byte[]> arrays = new ArrayList<>();
    for (int at = 0; at < all.length; at += 70_001) {
      arrays.add(Arrays.copyOfRange(all, at, Math.min(all.length, at + 70_001)));
    }
    ReplyBody body = ReplyBody.of(arrays);
    try (TestServer server =
        new TestServer(exchange -> exchange.respond(new HttpReply(200, List.of(), body)))) {
      for (int round = 0; round < 3; round++) {
        HttpResponse<byte[]> response =
            server.client().send(way.request(server, "/x").build(), BodyHandlers.ofByteArray());
        assertThat(response.body()).isEqualTo(all);
      }
      TestServer.await("three replies counted", () -> server.stats.done.get() == 3);
      assertThat(server.stats.incomplete).hasValue(0);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void headHasLengthButNoContent(Way way) throws Exception {
    try (TestServer server =
        new TestServer(
            exchange -> exchange.respond(HttpReply.of(200, "text/plain", random(1000))))) {
      for (int round = 0; round < 2; round++) {
        HttpResponse<byte[]> response =
            server
                .client()
                .send(
                    way.request(server, "/x").method("HEAD", BodyPublishers.noBody()).build(),
                    BodyHandlers.ofByteArray());
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValue("content-length")).contains("1000");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void requestContentReachesTheHandlerUpToTheLimit(Way way) throws Exception {
    try (TestServer server =
        new TestServer(exchange -> exchange.respond(HttpReply.of(200, "x/y", exchange.body())))) {
      byte[] fits = random(64 * 1024);
      HttpResponse<byte[]> echoed =
          server
              .client()
              .send(
                  way.request(server, "/x").PUT(BodyPublishers.ofByteArray(fits)).build(),
                  BodyHandlers.ofByteArray());
      assertThat(echoed.body()).isEqualTo(fits);
      HttpResponse<byte[]> refused =
          server
              .client()
              .send(
                  way.request(server, "/x")
                      .PUT(BodyPublishers.ofByteArray(random(64 * 1024 + 1)))
                      .build(),
                  BodyHandlers.ofByteArray());
      assertThat(refused.statusCode()).isEqualTo(413);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void parkedExchangeIsAnsweredFromAnotherThread(Way way) throws Exception {
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    try (TestServer server = new TestServer(parked::add)) {
      List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        responses.add(
            server
                .client()
                .sendAsync(way.request(server, "/park/" + i).build(), BodyHandlers.ofString()));
      }
      TestServer.await("all parked", () -> parked.size() == 50);
      for (HttpExchange exchange : parked) {
        assertThat(exchange.respond(HttpReply.of(200, "t/p", exchange.path().getBytes()))).isTrue();
        assertThat(exchange.respond(HttpReply.of(500))).isFalse();
      }
      for (int i = 0; i < 50; i++) {
        HttpResponse<String> response = responses.get(i).get(10, TimeUnit.SECONDS);
        assertThat(response.body()).isEqualTo("/park/" + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void parkedExchangeIsCancelledWhenTheClientLeaves(Way way) throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    HttpHandler handler =
        exchange -> {
          exchange.onCancel(cancelled::countDown);
          parked.add(exchange);
        };
    try (TestServer server = new TestServer(handler)) {
      CompletableFuture<HttpResponse<String>> response =
          server.client().sendAsync(way.request(server, "/p").build(), BodyHandlers.ofString());
      HttpExchange exchange = parked.poll(10, TimeUnit.SECONDS);
      assertThat(exchange).isNotNull();
      response.cancel(true);
      assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(exchange.cancelled()).isTrue();
      assertThat(exchange.respond(HttpReply.of(200))).isFalse();
      TestServer.await("counted", () -> server.stats.statuses.contains(499));
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void defectInTheHandlerIs500AndTheConnectionGoesOn(Way way) throws Exception {
    HttpHandler handler =
        exchange -> {
          if (exchange.path().equals("/bug")) {
            throw new IllegalStateException("bug");
          }
          exchange.respond(HttpReply.of(204));
        };
    try (TestServer server = new TestServer(handler)) {
      HttpResponse<String> broken =
          server.client().send(way.request(server, "/bug").build(), BodyHandlers.ofString());
      assertThat(broken.statusCode()).isEqualTo(500);
      assertThat(broken.headers().firstValue("content-type")).contains("application/problem+json");
      HttpResponse<String> fine =
          server.client().send(way.request(server, "/x").build(), BodyHandlers.ofString());
      assertThat(fine.statusCode()).isEqualTo(204);
      assertThat(server.stats.opened).hasValue(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void drainFinishesWhatIsInFlight(Way way) throws Exception {
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    try (TestServer server = new TestServer(parked::add)) {
      CompletableFuture<HttpResponse<String>> response =
          server.client().sendAsync(way.request(server, "/p").build(), BodyHandlers.ofString());
      HttpExchange exchange = parked.poll(10, TimeUnit.SECONDS);
      CompletableFuture<Void> drained = server.server.drain(Duration.ofSeconds(10));
      assertThat(drained).isNotDone();
      exchange.respond(HttpReply.of(200, "t/p", "late".getBytes()));
      assertThat(response.get(10, TimeUnit.SECONDS).body()).isEqualTo("late");
      drained.get(10, TimeUnit.SECONDS);
      assertThat(server.server.connections()).isZero();
      assertThat(server.stats.closed).contains(CloseReason.GRACEFUL);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void drainCutsOffWhatDoesNotFinish(Way way) throws Exception {
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    try (TestServer server = new TestServer(parked::add)) {
      CompletableFuture<HttpResponse<String>> response =
          server.client().sendAsync(way.request(server, "/p").build(), BodyHandlers.ofString());
      assertThat(parked.poll(10, TimeUnit.SECONDS)).isNotNull();
      server.server.drain(Duration.ofMillis(50)).get(10, TimeUnit.SECONDS);
      assertThat(response).failsWithin(Duration.ofSeconds(10));
      assertThat(server.stats.closed).containsExactly(CloseReason.SHUTDOWN);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void connectionIsClosedPolitelyAfterItsShareOfRequests(Way way) throws Exception {
    try (TestServer server =
        new TestServer(
            HttpLimits.DEFAULTS.withRequestsPerConnection(5),
            exchange -> exchange.respond(HttpReply.of(204)))) {
      for (int i = 0; i < 20; i++) {
        HttpResponse<Void> response =
            server.client().send(way.request(server, "/").build(), BodyHandlers.discarding());
        assertThat(response.statusCode()).isEqualTo(204);
      }
      assertThat(server.stats.opened.get()).isBetween(4, 6);
    }
  }

  @Test
  void connectionsOverTheLimitAreClosedUnread() throws Exception {
    try (TestServer server =
        new TestServer(
            HttpLimits.DEFAULTS.withConnections(2, 2, 100),
            exchange -> exchange.respond(HttpReply.of(204)))) {
      try (var first = server.connect();
          var second = server.connect()) {
        TestServer.await("two open", () -> server.server.connections() == 2);
        try (var third = server.connect()) {
          assertThat(third.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.stats.refused).hasValue(1);
        first.close();
        TestServer.await("one left", () -> server.server.connections() == 1);
        try (var fourth = server.connect()) {
          fourth.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
          assertThat(fourth.getInputStream().read()).isEqualTo('H');
        }
        assertThat(second.isConnected()).isTrue();
      }
    }
  }
}
