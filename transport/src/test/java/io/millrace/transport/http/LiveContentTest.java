package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Replies without an end in sight: nothing is taken for a peer that does not read. */
@ExtendWith(NoLeaks.class)
@Timeout(60)
class LiveContentTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  /**
   * What may be under way to a peer: the window, the water marks, and the buffers of two sockets.
   */
  private static final int MOST_UNDER_WAY_BYTES = 16 << 20;

  private final LiveSource source = new LiveSource();

  private TestServer server(HttpLimits limits) throws Exception {
    return new TestServer(
        limits,
        exchange ->
            exchange.respond(
                exchange.path().equals("/after")
                    ? HttpReply.of(200, "t/p", "after".getBytes(StandardCharsets.US_ASCII))
                    : source.reply()));
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
  void everyPieceIsOneChunkAtOnceAndTheConnectionGoesOnAfterTheLast() throws Exception {
    source.add("early");
    try (TestServer server = server(HttpLimits.DEFAULTS);
        Socket socket = server.connect()) {
      write(socket, GET);
      InputStream in = socket.getInputStream();
      assertThat(head(in)).contains("transfer-encoding: chunked");
      expect(in, "5\r\nearly\r\n");
      source.add("later");
      expect(in, "5\r\nlater\r\n");
      source.complete();
      expect(in, "0\r\n\r\n");
      write(socket, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
      head(in);
      expect(in, "after");
      assertThat(source.begun).hasValue(1);
      TestServer.await("over", () -> source.over.get() == 1);
      assertThat(server.stats.incomplete).hasValue(0);
    }
  }

  @Test
  void http2TakesItToo() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS)) {
      source.add("one ");
      HttpResponse<InputStream> response =
          server
              .client()
              .send(
                  HttpRequest.newBuilder(server.secureUri("/")).build(),
                  BodyHandlers.ofInputStream());
      assertThat(response.version()).isEqualTo(java.net.http.HttpClient.Version.HTTP_2);
      try (InputStream in = response.body()) {
        expect(in, "one ");
        source.add("two");
        expect(in, "two");
        source.complete();
        assertThat(in.read()).isEqualTo(-1);
      }
      TestServer.await("over", () -> source.over.get() == 1);
    }
  }

  @Test
  void ofAPeerThatDoesNotReadOnlyTheWindowIsTakenAndItIsClosed() throws Exception {
    HttpLimits impatient =
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofMillis(300));
    int size = 64 * 1024;
    int given = 4 * MOST_UNDER_WAY_BYTES / size;
    for (int i = 0; i < given; i++) {
      source.add("x".repeat(size));
    }
    try (TestServer server = server(impatient);
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(server.plain);
      write(socket, GET);
      TestServer.await("closed", () -> server.stats.closed.contains(CloseReason.WRITE_TIMEOUT));
      TestServer.await("over", () -> source.over.get() == 1);
      assertThat(source.taken.get()).isBetween(1, MOST_UNDER_WAY_BYTES / size);
    }
  }

  @Test
  void aPeerThatLeavesIsNoticedWhileThereIsNothing() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS)) {
      try (Socket socket = server.connect()) {
        write(socket, GET);
        head(socket.getInputStream());
        TestServer.await("begun", () -> source.begun.get() == 1);
        assertThat(source.over).hasValue(0);
      }
      TestServer.await("over", () -> source.over.get() == 1);
    }
  }

  @Test
  void aHeadBeginsNothing() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS);
        Socket socket = server.connect()) {
      write(socket, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 200");
      write(socket, "GET /after HTTP/1.1\r\nHost: x\r\n\r\n");
      head(socket.getInputStream());
      expect(socket.getInputStream(), "after");
      assertThat(source.begun).hasValue(0);
    }
  }
}
