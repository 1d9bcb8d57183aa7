package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.quic.QuicSslContext;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Early data over QUIC (RFC 9001 §4.6), and connections that move (RFC 9000 §9). */
@ExtendWith(NoLeaks.class)
class Http3EarlyDataTest {
  private static void getTicket(TestServer server, QuicSslContext tls) throws Exception {
    try (Http3Client first = new Http3Client(server, tls, server.secure, 1 << 20, null)) {
      assertThat(first.get("/first").awaitHead().status()).hasToString("200");
    }
  }

  /** Nothing that the server says reaches the client, so the client cannot have finished. */
  @Test
  void requestInEarlyDataIsTakenBeforeTheHandshakeEndsAndMarked() throws Exception {
    BlockingQueue<HttpExchange> seen = new LinkedBlockingQueue<>();
    HttpHandler handler =
        exchange -> {
          seen.add(exchange);
          exchange.respond(HttpReply.of(200, "t/p", exchange.path().getBytes()));
        };
    QuicSslContext tls = Http3Client.tls();
    try (TestServer server = new TestServer(handler);
        UdpRelay relay = new UdpRelay(server.secure)) {
      getTicket(server, tls);
      assertThat(seen.take().early()).isFalse();
      relay.hold();
      CompletableFuture<Http3Client.Request> request = new CompletableFuture<>();
      CompletableFuture<Http3Client> connected = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  connected.complete(
                      new Http3Client(
                          server,
                          tls,
                          relay.address,
                          1 << 20,
                          channel ->
                              request.complete(
                                  Http3Client.request(channel, "GET", "/early", true))));
                } catch (Exception | AssertionError e) {
                  connected.completeExceptionally(e);
                }
              });
      HttpExchange early = seen.poll(10, TimeUnit.SECONDS);
      assertThat(early).as("the request, without a round trip").isNotNull();
      assertThat(early.path()).isEqualTo("/early");
      assertThat(early.early()).isTrue();
      relay.release();
      assertThat(request.get(10, TimeUnit.SECONDS).awaitText()).isEqualTo("/early");
      try (Http3Client client = connected.get(10, TimeUnit.SECONDS)) {
        assertThat(client.get("/late").awaitText()).isEqualTo("/late");
        assertThat(seen.take().early()).isFalse();
      }
    }
  }

  @Test
  void earlyDataIsNotOfferedWhereItIsOff() throws Exception {
    QuicSslContext tls = Http3Client.tls();
    HttpHandler handler = exchange -> exchange.respond(HttpReply.of(200));
    try (TestServer server = new TestServer(HttpLimits.DEFAULTS, 100, false, handler)) {
      getTicket(server, tls);
      CompletableFuture<Void> early = new CompletableFuture<>();
      try (Http3Client second =
          new Http3Client(server, tls, server.secure, 1 << 20, channel -> early.complete(null))) {
        assertThat(second.get("/").awaitHead().status()).hasToString("200");
        assertThat(early).isNotDone();
      }
    }
  }

  @Test
  void ticketsOfForgottenKeysFallBackToAFullHandshake() throws Exception {
    BlockingQueue<Boolean> early = new LinkedBlockingQueue<>();
    HttpHandler handler =
        exchange -> {
          early.add(exchange.early());
          exchange.respond(HttpReply.of(200));
        };
    QuicSslContext tls = Http3Client.tls();
    try (TestServer server = new TestServer(handler)) {
      getTicket(server, tls);
      for (int i = 0; i < 3; i++) {
        server.quic.rotateTicketKeys();
      }
      CompletableFuture<Http3Client.Request> request = new CompletableFuture<>();
      try (Http3Client second =
          new Http3Client(
              server,
              tls,
              server.secure,
              1 << 20,
              channel -> request.complete(Http3Client.request(channel, "GET", "/early", true)))) {
        assertThat(second.get("/late").awaitHead().status()).hasToString("200");
      }
      assertThat(early).doesNotContain(true);
    }
  }

  @Test
  void newCertificateIsServedToNewConnectionsAndOldOnesGoOn() throws Exception {
    HttpHandler handler = exchange -> exchange.respond(HttpReply.of(200));
    try (TestServer server = new TestServer(handler);
        Http3Client before = new Http3Client(server)) {
      assertThat(before.get("/").awaitHead().status()).hasToString("200");
      server.quic.use(TestServer.OTHER_CREDENTIALS);
      assertThat(before.get("/").awaitHead().status()).hasToString("200");
      QuicSslContext trusting = Http3Client.tls(TestServer.OTHER_CREDENTIALS);
      try (Http3Client after = new Http3Client(server, trusting, server.secure, 1 << 20, null)) {
        assertThat(after.get("/").awaitHead().status()).hasToString("200");
      }
    }
  }

  @Test
  void hybridKeyExchangeIsTaken() throws Exception {
    HttpHandler handler = exchange -> exchange.respond(HttpReply.of(200));
    QuicSslContext hybridOnly = Http3Client.tls(TestServer.CREDENTIALS, "X25519MLKEM768");
    try (TestServer server = new TestServer(handler);
        Http3Client client = new Http3Client(server, hybridOnly, server.secure, 1 << 20, null)) {
      assertThat(client.get("/").awaitHead().status()).hasToString("200");
    }
  }

  /**
   * Less than what the kernel's buffers hold, so that nothing is lost on the way: quiche sends what
   * was lost on a path that it has left again by its probe timer only, two datagrams at a time.
   */
  private static final int MOVING_WINDOW_BYTES = 48 * 1024;

  private static void getWhileMoving(UdpMove move) throws Exception {
    byte[] large = new byte[400_000];
    HttpHandler handler = exchange -> exchange.respond(HttpReply.of(200, "x/y", large));
    try (TestServer server = new TestServer(handler);
        UdpRelay relay = new UdpRelay(server.secure);
        Http3Client client =
            new Http3Client(server, Http3Client.tls(), relay.address, MOVING_WINDOW_BYTES, null)) {
      assertThat(client.get("/1").awaitBody()).hasSize(large.length);
      Http3Client.Request during = client.get("/2");
      during.awaitHead();
      move.move(relay);
      assertThat(during.awaitBody()).hasSize(large.length);
      assertThat(client.get("/3").awaitBody()).hasSize(large.length);
      assertThat(server.stats.opened).hasValue(1);
      assertThat(server.stats.closed).isEmpty();
    }
  }

  private interface UdpMove {
    void move(UdpRelay relay) throws Exception;
  }

  @Test
  void connectionGoesOnWhenTheClientsAddressChanges() throws Exception {
    getWhileMoving(UdpRelay::move);
  }

  /**
   * The client's first answer from its new address takes longer than the server's probe timer, so
   * that quiche gives the new path up, and sends to the former address again.
   */
  @Test
  void connectionGoesOnWhenItsNewPathWasGivenUp() throws Exception {
    getWhileMoving(
        relay -> {
          relay.move();
          relay.hold();
          TestServer.await("a probe of the new path", () -> relay.held(true) > 0);
          relay.awaitFormer(Duration.ofSeconds(5));
          relay.release();
        });
  }
}
