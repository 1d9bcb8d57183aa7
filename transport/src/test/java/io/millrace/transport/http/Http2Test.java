package io.millrace.transport.http;

import static io.millrace.transport.http.Http2Client.ACK;
import static io.millrace.transport.http.Http2Client.CONTINUATION;
import static io.millrace.transport.http.Http2Client.DATA;
import static io.millrace.transport.http.Http2Client.END_HEADERS;
import static io.millrace.transport.http.Http2Client.END_STREAM;
import static io.millrace.transport.http.Http2Client.GOAWAY;
import static io.millrace.transport.http.Http2Client.HEADERS;
import static io.millrace.transport.http.Http2Client.PING;
import static io.millrace.transport.http.Http2Client.RST_STREAM;
import static io.millrace.transport.http.Http2Client.SETTINGS;
import static io.millrace.transport.http.Http2Client.WINDOW_UPDATE;
import static io.millrace.transport.http.Http2Client.literal;
import static io.millrace.transport.http.Http2Client.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** HTTP/2 frames written by hand (RFC 9113 §4.1), by clients that misbehave. */
@ExtendWith(NoLeaks.class)
class Http2Test {
  private static int errorCode(Http2Client.Frame goAway) {
    return Unpooled.wrappedBuffer(goAway.payload()).getInt(4);
  }

  @Test
  void rapidResetEndsTheConnection() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Http2Client client = new Http2Client(server)) {
      for (int i = 0; i < 2_000 && client.channel.isActive(); i++) {
        client.get(2 * i + 1, "/");
        client.send(RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
      }
      client.awaitClosed();
      assertThat(handled.get()).isLessThanOrEqualTo(201);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
    }
  }

  @Test
  void resetsThatTheServerIsMadeToSendCountToo() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Http2Client client = new Http2Client(server)) {
      for (int i = 0; i < 2_000 && client.channel.isActive(); i++) {
        client.get(2 * i + 1, "/");
        // A window update of 0 is a stream error (RFC 9113 §6.9): CVE-2025-55163.
        client.send(WINDOW_UPDATE, 0, 2 * i + 1, new byte[4]);
      }
      client.awaitClosed();
      assertThat(handled.get()).isLessThan(500);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
    }
  }

  @Test
  void continuationFloodEndsTheConnection() throws Exception {
    try (TestServer server = new TestServer(exchange -> exchange.respond(HttpReply.of(204)));
        Http2Client client = new Http2Client(server)) {
      client.send(HEADERS, END_STREAM, 1, request("GET", "/"));
      for (int i = 0; i < 100 && client.channel.isActive(); i++) {
        client.send(CONTINUATION, 0, 1, new byte[0]);
      }
      client.awaitClosed();
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
      assertThat(server.stats.done).hasValue(0);
    }
  }

  @Test
  void headerBombIsRefused() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Http2Client client = new Http2Client(server)) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      block.writeBytes(request("GET", "/"));
      for (int i = 0; i < 1000; i++) {
        literal(block, "x-" + i, "y".repeat(100));
      }
      byte[] all = block.toByteArray();
      int at = Math.min(all.length, 16_000);
      client.send(HEADERS, END_STREAM, 1, Arrays.copyOf(all, at));
      while (at < all.length && client.channel.isActive()) {
        int next = Math.min(all.length, at + 16_000);
        client.send(
            CONTINUATION,
            next == all.length ? END_HEADERS : 0,
            1,
            Arrays.copyOfRange(all, at, next));
        at = next;
      }
      TestServer.await(
          "431, reset, goaway or close",
          () ->
              !client.channel.isActive()
                  || client.frames.stream()
                      .anyMatch(
                          f ->
                              f.type() == GOAWAY || f.type() == RST_STREAM || f.type() == HEADERS));
      assertThat(handled).hasValue(0);
    }
  }

  @Test
  void pingFloodOfAClientThatDoesNotReadIsBounded() throws Exception {
    try (TestServer server = new TestServer(exchange -> {})) {
      assumeTrue(Epoll.isAvailable(), "needs epoll to make the kernel's send buffer small");
      // SOL_SOCKET, SO_SNDBUF: accepted sockets inherit it, and few answers fill it.
      var sendBuffer = new IntegerUnixChannelOption("SO_SNDBUF", 1, 7);
      server.server.listeners.forEach(it -> it.config().setOption(sendBuffer, 8_192));
      flood(server);
    }
  }

  private static void flood(TestServer server) throws Exception {
    try (Http2Client client = new Http2Client(server)) {
      client.await(SETTINGS);
      client.channel.config().setAutoRead(false);
      byte[] opaque = new byte[8];
      ByteBuf pings = Unpooled.buffer();
      for (int i = 0; i < 1_000; i++) {
        pings.writeMedium(8).writeByte(PING).writeByte(0).writeInt(0).writeBytes(opaque);
      }
      long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (server.stats.closed.isEmpty() && System.nanoTime() < deadlineNs) {
        client.channel.writeAndFlush(pings.retainedDuplicate()).awaitUninterruptibly(100);
      }
      pings.release();
      assertThat(server.stats.closed).isNotEmpty();
    }
  }

  @Test
  void streamsBeyondTheLimitAreRefused() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Http2Client client = new Http2Client(server)) {
      client.await(SETTINGS);
      client.send(SETTINGS, ACK, 0, new byte[0]);
      for (int i = 0; i < 129; i++) {
        client.get(2 * i + 1, "/");
      }
      Http2Client.Frame refusal = client.await(RST_STREAM);
      assertThat(refusal.stream()).isEqualTo(2 * 128 + 1);
      assertThat(refusal.payload()).containsExactly(0, 0, 0, 7); // REFUSED_STREAM
      assertThat(handled).hasValue(128);
    }
  }

  @Test
  void streamWhoseWindowStaysShutIsResetAndOthersGoOn() throws Exception {
    HttpLimits limits =
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofMillis(300));
    byte[] big = new byte[1 << 20];
    HttpHandler handler =
        exchange ->
            exchange.respond(
                exchange.path().equals("/big") ? HttpReply.of(200, "x/y", big) : HttpReply.of(204));
    try (TestServer server = new TestServer(limits, handler);
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/big");
      Http2Client.Frame reset = client.await(RST_STREAM);
      assertThat(reset.stream()).isEqualTo(1);
      assertThat(server.stats.aborted).containsExactly(CloseReason.WRITE_TIMEOUT);
      client.get(3, "/small");
      assertThat(client.await(HEADERS).stream()).isEqualTo(3);
      assertThat(server.stats.closed).isEmpty();
    }
  }

  @Test
  void requestThatNeverEndsIsReset() throws Exception {
    HttpLimits limits =
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofMillis(300),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60));
    try (TestServer server = new TestServer(limits, exchange -> {});
        Http2Client client = new Http2Client(server)) {
      client.send(HEADERS, END_HEADERS, 1, request("PUT", "/x"));
      client.send(DATA, 0, 1, new byte[10]);
      assertThat(client.await(RST_STREAM).stream()).isEqualTo(1);
      assertThat(server.stats.aborted).containsExactly(CloseReason.REQUEST_TIMEOUT);
    }
  }

  @Test
  void pathThatEscapesIs400() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/live/..%2f..%2fetc");
      client.await(HEADERS);
      assertThat(new String(client.await(DATA).payload())).contains("\"status\":400");
      assertThat(handled).hasValue(0);
    }
  }

  @Test
  void idleConnectionGetsGoAwayAndIsClosed() throws Exception {
    HttpLimits limits =
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofMillis(200),
            Duration.ofSeconds(60));
    try (TestServer server = new TestServer(limits, exchange -> {});
        Http2Client client = new Http2Client(server)) {
      assertThat(errorCode(client.await(GOAWAY))).isZero();
      client.awaitClosed();
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.IDLE));
    }
  }

  @Test
  void manyStreamsOfOneConnectionShareItFairly() throws Exception {
    byte[] big = new byte[2 << 20];
    try (TestServer server =
            new TestServer(exchange -> exchange.respond(HttpReply.of(200, "x/y", big)));
        HttpClient client =
            HttpClient.newBuilder()
                .sslContext(TestServer.trusting(TestServer.CREDENTIALS))
                .version(HttpClient.Version.HTTP_2)
                .build()) {
      client.send(
          HttpRequest.newBuilder(server.secureUri("/0")).build(), BodyHandlers.discarding());
      var responses = new ArrayList<CompletableFuture<Integer>>();
      for (int i = 0; i < 20; i++) {
        responses.add(
            client
                .sendAsync(
                    HttpRequest.newBuilder(server.secureUri("/" + i)).build(),
                    BodyHandlers.ofByteArray())
                .thenApply(response -> response.body().length));
      }
      for (var response : responses) {
        assertThat(response.get(20, TimeUnit.SECONDS)).isEqualTo(big.length);
      }
      assertThat(server.stats.opened).hasValue(1);
    }
  }
}
