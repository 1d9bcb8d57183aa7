package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 on the wire, byte by byte, with clients that misbehave. */
@ExtendWith(NoLeaks.class)
class Http1Test {
  private static final HttpHandler ECHO_PATH =
      exchange -> exchange.respond(HttpReply.of(200, "t/p", exchange.path().getBytes()));

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("closed after: " + line);
      }
      line.append((char) c);
    }
    return line.toString().strip();
  }

  /** One reply's status line, and its content. */
  private static String[] reply(InputStream in) throws IOException {
    String status = line(in);
    int length = 0;
    for (String field = line(in); !field.isEmpty(); field = line(in)) {
      if (field.startsWith("content-length:")) {
        length = Integer.parseInt(field.substring(15).strip());
      }
    }
    return new String[] {status, new String(in.readNBytes(length), StandardCharsets.UTF_8)};
  }

  private static boolean closed(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true; // reset
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    HttpHandler handler =
        exchange -> {
          if (exchange.path().equals("/0")) {
            parked.add(exchange);
          } else {
            ECHO_PATH.handle(exchange);
          }
        };
    try (TestServer server = new TestServer(handler);
        Socket socket = server.connect()) {
      StringBuilder requests = new StringBuilder();
      IntStream.range(0, 60)
          .forEach(i -> requests.append("GET /").append(i).append(" HTTP/1.1\r\nHost: x\r\n\r\n"));
      write(socket, requests.toString());
      HttpExchange first = parked.poll(10, TimeUnit.SECONDS);
      assertThat(server.stats.done).hasValue(0);
      ECHO_PATH.handle(first);
      for (int i = 0; i < 60; i++) {
        assertThat(reply(socket.getInputStream())).containsExactly("HTTP/1.1 200 OK", "/" + i);
      }
    }
  }

  @Test
  void morePipelinedRequestsThanTheLimitEndTheConnection() throws Exception {
    HttpHandler handler =
        exchange -> {
          if (!exchange.path().equals("/parked")) {
            ECHO_PATH.handle(exchange);
          }
        };
    try (TestServer server = new TestServer(handler);
        Socket socket = server.connect()) {
      // Large reads: the receive buffer grows with what it was filled with.
      for (int i = 0; i < 8; i++) {
        write(socket, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n");
        write(socket, "x".repeat(65_536));
        reply(socket.getInputStream());
      }
      write(socket, "GET /parked HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2_000));
      assertThat(closed(socket)).isTrue();
      TestServer.await("counted", () -> server.stats.closed.contains(CloseReason.PIPELINE_LIMIT));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /../x HTTP/1.1~Host: x~~                              | 400",
        "GET /%2e%2e/x HTTP/1.1~Host: x~~                          | 400",
        "GET / HTTP/1.1~~                                          | 400",
        "GET / HTTP/1.1~Host: x~Host: y~~                          | 400",
        "GET / HTTP/1.1~Host: x~Content-Length: 1~Content-Length: 2~~ | 400",
        "GET / HTTP/1.1~Host: x~Content-Length: -1~~               | 400",
        "GET / HTTP/1.1~Host: x~Content-Length: 1x~~               | 400",
        "POST / HTTP/1.1~Host: x~Content-Length: 4~Transfer-Encoding: chunked~~0~~ | 400",
        "POST / HTTP/1.1~Host: x~Transfer-Encoding: chunked~~zz~   | 400",
        "GET / HTTP/1.1~Host: x~A B: c~~                           | 400",
        "GET / HTTP/1.1~Host : x~~                                 | 400",
        "GET  HTTP/1.1~Host: x~~                                   | 400",
        "nonsense~~                                                | 400",
        "GET / HTTP/2.0~Host: x~~                                  | 505",
        "PUT / HTTP/1.1~Host: x~Content-Length: 65537~~            | 413",
        "PUT / HTTP/1.1~Host: x~Expect: 100-continue~Content-Length: 99999999999~~ | 413",
      })
  void refusesBrokenRequests(String request, int status) throws Exception {
    try (TestServer server = new TestServer(ECHO_PATH);
        Socket socket = server.connect()) {
      write(socket, request.replace("~", "\r\n"));
      String[] reply = reply(socket.getInputStream());
      assertThat(reply[0]).startsWith("HTTP/1.1 " + status);
      assertThat(reply[1]).contains("\"status\":" + status);
      // Nothing after a refused request is read as another one.
      write(socket, "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
      socket.shutdownOutput();
      assertThat(closed(socket)).isTrue();
      assertThat(server.stats.done).hasValue(1);
    }
  }

  @Test
  void refusedClientIsClosedAfterItHadTimeToReadWhy() throws Exception {
    try (TestServer server = new TestServer(ECHO_PATH);
        Socket socket = server.connect()) {
      write(socket, "nonsense\r\n\r\n");
      assertThat(reply(socket.getInputStream())[0]).startsWith("HTTP/1.1 400");
      assertThat(closed(socket)).isTrue();
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
    }
  }

  @Test
  void longRequestLineIs414() throws Exception {
    try (TestServer server = new TestServer(ECHO_PATH);
        Socket socket = server.connect()) {
      write(socket, "GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(reply(socket.getInputStream())[0]).startsWith("HTTP/1.1 414");
    }
  }

  @Test
  void headerBombIs431() throws Exception {
    try (TestServer server = new TestServer(ECHO_PATH);
        Socket socket = server.connect()) {
      write(socket, "GET / HTTP/1.1\r\nHost: x\r\n");
      write(socket, "a: b\r\n".repeat(8000));
      assertThat(reply(socket.getInputStream())[0]).startsWith("HTTP/1.1 431");
    }
  }

  @Test
  void chunkedContentIsBounded() throws Exception {
    try (TestServer server = new TestServer(ECHO_PATH);
        Socket socket = server.connect()) {
      write(socket, "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
      write(socket, chunk.repeat(5));
      assertThat(reply(socket.getInputStream())[0]).startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void continueIsSentToWhoAsks() throws Exception {
    HttpHandler echo = exchange -> exchange.respond(HttpReply.of(200, "t/p", exchange.body()));
    try (TestServer server = new TestServer(echo);
        Socket socket = server.connect()) {
      write(
          socket, "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
      assertThat(line(socket.getInputStream())).isEqualTo("HTTP/1.1 100 Continue");
      assertThat(line(socket.getInputStream())).isEmpty();
      write(socket, "ok");
      assertThat(reply(socket.getInputStream())).containsExactly("HTTP/1.1 200 OK", "ok");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /x HTTP/1.0\r\n\r\n"
      })
  void closesWhenTheClientAsks(String request) throws Exception {
    try (TestServer server = new TestServer(ECHO_PATH);
        Socket socket = server.connect()) {
      write(socket, request);
      assertThat(reply(socket.getInputStream())).containsExactly("HTTP/1.1 200 OK", "/x");
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void oneByteAtATimeIsARequestToo() throws Exception {
    try (TestServer server = new TestServer(ECHO_PATH);
        Socket socket = server.connect()) {
      socket.setTcpNoDelay(true);
      for (char c : "GET /slow?x=%20 HTTP/1.1\r\nHost: x\r\n\r\n".toCharArray()) {
        write(socket, String.valueOf(c));
      }
      assertThat(reply(socket.getInputStream())).containsExactly("HTTP/1.1 200 OK", "/slow");
    }
  }

  private static HttpLimits impatient(long requestMs, long idleMs, long writeMs) {
    return HttpLimits.DEFAULTS.withDeadlines(
        Duration.ofSeconds(5),
        Duration.ofMillis(requestMs),
        Duration.ofMillis(idleMs),
        Duration.ofMillis(writeMs));
  }

  @Test
  void slowRequestIsCutOff() throws Exception {
    try (TestServer server = new TestServer(impatient(300, 60_000, 60_000), ECHO_PATH);
        Socket socket = server.connect()) {
      write(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      reply(socket.getInputStream());
      write(socket, "GET / HTTP/1.1\r\nHo");
      dripUntilClosed(socket);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.REQUEST_TIMEOUT));
    }
  }

  @Test
  void silentClientIsCutOff() throws Exception {
    try (TestServer server = new TestServer(impatient(200, 60_000, 60_000), ECHO_PATH);
        Socket socket = server.connect()) {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.REQUEST_TIMEOUT));
    }
  }

  /** A header byte now and then, which a deadline on silence alone would let pass. */
  private static void dripUntilClosed(Socket socket) throws IOException {
    socket.setSoTimeout(20);
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (System.nanoTime() < deadlineNs) {
      try {
        if (socket.getInputStream().read() < 0) {
          return;
        }
      } catch (java.net.SocketTimeoutException e) {
        try {
          write(socket, "x");
        } catch (SocketException gone) {
          return;
        }
      } catch (SocketException e) {
        return;
      }
    }
    throw new AssertionError("still open after 10 s");
  }

  @Test
  void idleConnectionIsClosed() throws Exception {
    try (TestServer server = new TestServer(impatient(60_000, 200, 60_000), ECHO_PATH);
        Socket socket = server.connect()) {
      write(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      reply(socket.getInputStream());
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.IDLE));
    }
  }

  @Test
  void parkedRequestOutlivesEveryDeadline() throws Exception {
    BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
    try (TestServer server = new TestServer(impatient(100, 100, 100), parked::add);
        Socket socket = server.connect();
        Socket witness = server.connect()) {
      write(socket, "GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
      HttpExchange exchange = parked.poll(10, TimeUnit.SECONDS);
      // The witness is under the same deadlines; when it is cut off they have passed.
      assertThat(witness.getInputStream().read()).isEqualTo(-1);
      ECHO_PATH.handle(exchange);
      assertThat(reply(socket.getInputStream())).containsExactly("HTTP/1.1 200 OK", "/late");
    }
  }

  @Test
  void slowReaderIsClosedAndHoldsNoCopyOfTheContent() throws Exception {
    byte[] big = new byte[64 << 20];
    try (TestServer server =
            new TestServer(
                impatient(60_000, 60_000, 400),
                exchange -> exchange.respond(HttpReply.of(200, "x/y", big)));
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(server.plain);
      long before = directBytes();
      write(socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(socket.getInputStream().read()).isEqualTo('H');
      TestServer.await("closed", () -> server.stats.closed.contains(CloseReason.WRITE_TIMEOUT));
      TestServer.await("counted", () -> server.stats.incomplete.get() == 1);
      assertThat(directBytes() - before).isLessThan(16L << 20);
    }
  }

  @Test
  void readerThatTakesALittleAtATimeIsLeftAlone() throws Exception {
    byte[] big = new byte[8 << 20];
    try (TestServer server =
            new TestServer(
                impatient(60_000, 60_000, 2_000),
                exchange -> exchange.respond(HttpReply.of(200, "x/y", big)));
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(65_536);
      socket.connect(server.plain);
      write(socket, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      byte[] buffer = new byte[256 * 1024];
      long total = 0;
      for (int read = 0; read >= 0; read = socket.getInputStream().read(buffer)) {
        total += read;
        LockSupport.parkNanos(5_000_000);
      }
      assertThat(total).isGreaterThan(big.length);
      TestServer.await("done", () -> server.stats.done.get() == 1);
      assertThat(server.stats.incomplete).hasValue(0);
    }
  }

  @Test
  void randomBytesNeverReachTheHandlerNorHurtOthers() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    HttpHandler handler =
        exchange -> {
          handled.incrementAndGet();
          ECHO_PATH.handle(exchange);
        };
    Random random = new Random(7);
    try (TestServer server = new TestServer(handler)) {
      for (int i = 0; i < 200; i++) {
        byte[] bytes = new byte[1 + random.nextInt(3000)];
        random.nextBytes(bytes);
        try (Socket socket = server.connect()) {
          socket.getOutputStream().write(bytes);
        } catch (SocketException e) {
          // closed on us: fine
        }
      }
      assertThat(handled).hasValue(0);
      try (Socket socket = server.connect()) {
        write(socket, "GET /fine HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(reply(socket.getInputStream())).containsExactly("HTTP/1.1 200 OK", "/fine");
      }
      TestServer.await("only the last is open", () -> server.server.connections() == 0);
    }
  }

  private static long directBytes() {
    return io.netty.util.internal.PlatformDependent.usedDirectMemory();
  }
}
