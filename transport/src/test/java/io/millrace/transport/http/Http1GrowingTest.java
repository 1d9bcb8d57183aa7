package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Replies that are sent while they are made, over HTTP/1.x on the wire. */
@ExtendWith(NoLeaks.class)
class Http1GrowingTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private final GrowingSource source = new GrowingSource();

  private TestServer server(HttpLimits limits) throws Exception {
    return new TestServer(
        limits,
        exchange ->
            exchange.respond(
                switch (exchange.path()) {
                  case "/after" ->
                      HttpReply.of(200, "t/p", "after".getBytes(StandardCharsets.US_ASCII));
                  case "/six" -> source.reply(6);
                  default -> source.reply();
                }));
  }

  private TestServer server() throws Exception {
    return server(HttpLimits.DEFAULTS);
  }

  private static HttpLimits impatient() {
    return HttpLimits.DEFAULTS.withDeadlines(
        Duration.ofSeconds(5),
        Duration.ofMillis(200),
        Duration.ofMillis(200),
        Duration.ofMillis(200));
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("closed after: " + head);
      }
      head.append((char) c);
    }
    return head.toString();
  }

  private static void expect(InputStream in, String bytes) throws IOException {
    assertThat(new String(in.readNBytes(bytes.length()), StandardCharsets.US_ASCII))
        .isEqualTo(bytes);
  }

  @Test
  void everyPartIsOneChunkAndNoneIsHeldBack() throws Exception {
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, GET);
      InputStream in = socket.getInputStream();
      assertThat(head(in))
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("transfer-encoding: chunked")
          .doesNotContain("content-length");
      source.add("first part");
      expect(in, "a\r\nfirst part\r\n");
      String large = "x".repeat(200_000);
      source.add(large);
      expect(in, "30d40\r\n" + large + "\r\n");
      source.complete();
      expect(in, "0\r\n\r\n");
      write(socket, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(head(in)).contains("content-length: 5");
      expect(in, "after");
      TestServer.await("counted", () -> server.stats.done.get() == 2);
      assertThat(server.stats.incomplete).hasValue(0);
    }
  }

  @Test
  void aKnownLengthIsAnnouncedAndTheContentStillGrows() throws Exception {
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, "GET /six HTTP/1.1\r\nHost: x\r\n\r\n");
      InputStream in = socket.getInputStream();
      assertThat(head(in)).contains("content-length: 6\r\n").doesNotContain("transfer-encoding");
      source.add("one");
      expect(in, "one");
      write(socket, "HEAD /six HTTP/1.1\r\nHost: x\r\n\r\n");
      source.add("two");
      source.complete();
      expect(in, "two");
      assertThat(head(in)).contains("content-length: 6\r\n");
      write(socket, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(head(in)).contains("content-length: 5");
      expect(in, "after");
    }
  }

  @Test
  void aKnownLengthThatIsNotReachedEndsTheConnection() throws Exception {
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, "GET /six HTTP/1.1\r\nHost: x\r\n\r\n");
      InputStream in = socket.getInputStream();
      head(in);
      source.add("one");
      source.abandon();
      expect(in, "one");
      assertThat(in.read()).isEqualTo(-1);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.CONTENT_ABANDONED));
    }
  }

  @Test
  void lateReaderGetsAllOfItAndWhatIsCompleteEndsAtOnce() throws Exception {
    source.add("one");
    source.add("");
    source.add("two");
    source.complete();
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, GET);
      head(socket.getInputStream());
      expect(socket.getInputStream(), "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
    }
  }

  @Test
  void contentOfNothingIsCompleteToo() throws Exception {
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, GET);
      head(socket.getInputStream());
      source.complete();
      expect(socket.getInputStream(), "0\r\n\r\n");
    }
  }

  @Test
  void abandonedContentEndsWithoutALastChunk() throws Exception {
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, GET);
      InputStream in = socket.getInputStream();
      head(in);
      source.add("one");
      source.abandon();
      expect(in, "3\r\none\r\n");
      assertThat(in.read()).isEqualTo(-1);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.CONTENT_ABANDONED));
      assertThat(server.stats.incomplete).hasValue(1);
    }
  }

  @Test
  void http10GetsContentUntilTheConnectionEnds() throws Exception {
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      InputStream in = socket.getInputStream();
      assertThat(head(in)).contains("connection: close").doesNotContain("transfer-encoding");
      source.add("one");
      expect(in, "one");
      source.add("two");
      source.complete();
      expect(in, "two");
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void http10SeesAbandonedContentAsAReset() throws Exception {
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, "GET / HTTP/1.0\r\n\r\n");
      InputStream in = socket.getInputStream();
      head(in);
      source.add("one");
      expect(in, "one");
      source.abandon();
      assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void headIsAnsweredWithoutWaiting() throws Exception {
    try (TestServer server = server();
        Socket socket = server.connect()) {
      write(socket, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(head(socket.getInputStream())).contains("transfer-encoding: chunked");
      write(socket, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 200 OK");
      expect(socket.getInputStream(), "after");
      assertThat(source.listeners()).isZero();
    }
  }

  @Test
  void waitingForContentOutlivesEveryDeadline() throws Exception {
    try (TestServer server = server(impatient());
        Socket socket = server.connect()) {
      write(socket, GET);
      head(socket.getInputStream());
      source.add("one");
      expect(socket.getInputStream(), "3\r\none\r\n");
      try (Socket witness = server.connect()) {
        // It is under the same deadlines; when it is cut off they have passed.
        assertThat(witness.getInputStream().read()).isEqualTo(-1);
      }
      source.add("two");
      source.complete();
      expect(socket.getInputStream(), "3\r\ntwo\r\n0\r\n\r\n");
      assertThat(server.stats.closed).doesNotContain(CloseReason.WRITE_TIMEOUT);
    }
  }

  @Test
  void clientThatLeavesIsNoticedWhileNothingIsSent() throws Exception {
    try (TestServer server = server()) {
      try (Socket socket = server.connect()) {
        write(socket, GET);
        head(socket.getInputStream());
        source.add("one");
        expect(socket.getInputStream(), "3\r\none\r\n");
        assertThat(server.stats.done).hasValue(0);
      }
      TestServer.await("given up", () -> server.stats.incomplete.get() == 1);
      source.add("two");
      source.complete();
      assertThat(server.stats.done).hasValue(1);
    }
  }

  @Test
  void readerThatFallsBehindHoldsReferencesOnlyAndIsClosed() throws Exception {
    try (TestServer server = server(impatient());
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(server.plain);
      long before = PlatformDependent.usedDirectMemory();
      write(socket, GET);
      head(socket.getInputStream());
      byte[] shared = new byte[1 << 20];
      for (int i = 0; i < 64; i++) {
        source.add(shared);
      }
      TestServer.await("closed", () -> server.stats.closed.contains(CloseReason.WRITE_TIMEOUT));
      assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(16L << 20);
      TestServer.await("told", () -> server.stats.incomplete.get() == 1);
    }
  }

  @Test
  void manyReadersShareOneRegistration() throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    try (TestServer server =
        new TestServer(
            exchange -> {
              exchange.respond(source.reply());
              seen.add(exchange.path());
            })) {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        Socket socket = server.connect();
        sockets.add(socket);
        write(socket, GET);
      }
      for (Socket socket : sockets) {
        assertThat(seen.poll(10, TimeUnit.SECONDS)).isNotNull();
        head(socket.getInputStream());
      }
      source.add("part");
      source.complete();
      for (Socket socket : sockets) {
        expect(socket.getInputStream(), "4\r\npart\r\n0\r\n\r\n");
        socket.close();
      }
      assertThat(source.listeners()).isEqualTo(1);
    }
  }
}
