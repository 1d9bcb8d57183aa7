package io.millrace.transport.http;

import static io.millrace.transport.http.Http2Client.DATA;
import static io.millrace.transport.http.Http2Client.END_STREAM;
import static io.millrace.transport.http.Http2Client.HEADERS;
import static io.millrace.transport.http.Http2Client.RST_STREAM;
import static io.millrace.transport.http.Http2Client.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.http.Http2Client.Frame;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Replies that are sent while they are made, as HTTP/2 frames. */
@ExtendWith(NoLeaks.class)
class Http2GrowingTest {
  private static final int INITIAL_WINDOW = 65_535;

  private final GrowingSource source = new GrowingSource();

  private TestServer server(HttpLimits limits) throws Exception {
    return new TestServer(
        limits,
        exchange ->
            exchange.respond(
                switch (exchange.path()) {
                  case "/after" -> HttpReply.of(204);
                  case "/six" -> source.reply(6);
                  default -> source.reply();
                }));
  }

  private static String text(Frame frame) {
    return new String(frame.payload(), StandardCharsets.US_ASCII);
  }

  private static boolean ends(Frame frame) {
    return (frame.flags() & END_STREAM) != 0;
  }

  @Test
  void framesAreSentWhileTheContentGrows() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS);
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/");
      Frame head = client.await(HEADERS);
      assertThat(ends(head)).isFalse();
      Http2Headers fields =
          new DefaultHttp2HeadersDecoder().decodeHeaders(1, Unpooled.wrappedBuffer(head.payload()));
      assertThat(fields.status()).hasToString("200");
      assertThat(fields.contains("content-length")).isFalse();
      source.add("first");
      Frame first = client.await(DATA);
      assertThat(text(first)).isEqualTo("first");
      assertThat(ends(first)).isFalse();
      source.add("second");
      assertThat(text(client.await(DATA))).isEqualTo("second");
      source.complete();
      Frame end = client.await(DATA);
      assertThat(end.payload()).isEmpty();
      assertThat(ends(end)).isTrue();
      TestServer.await("counted", () -> server.stats.done.get() == 1);
      assertThat(server.stats.incomplete).hasValue(0);
      client.get(3, "/after");
      assertThat(client.await(HEADERS).stream()).isEqualTo(3);
    }
  }

  @Test
  void aKnownLengthIsAnnounced() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS);
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/six");
      Frame head = client.await(HEADERS);
      Http2Headers fields =
          new DefaultHttp2HeadersDecoder().decodeHeaders(1, Unpooled.wrappedBuffer(head.payload()));
      assertThat(fields.get("content-length")).hasToString("6");
      source.add("one");
      assertThat(text(client.await(DATA))).isEqualTo("one");
      source.add("two");
      source.complete();
      assertThat(text(client.await(DATA))).isEqualTo("two");
    }
  }

  @Test
  void contentThatIsCompleteEndsWithItsLastFrame() throws Exception {
    source.add("all");
    source.complete();
    try (TestServer server = server(HttpLimits.DEFAULTS);
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/");
      Frame only = client.await(DATA);
      assertThat(text(only)).isEqualTo("all");
      assertThat(ends(only)).isTrue();
    }
  }

  @Test
  void abandonedContentResetsTheStreamAndTheConnectionGoesOn() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS);
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/");
      source.add("some");
      assertThat(text(client.await(DATA))).isEqualTo("some");
      source.abandon();
      Frame reset = client.await(RST_STREAM);
      assertThat(reset.stream()).isEqualTo(1);
      assertThat(reset.payload()).containsExactly(0, 0, 0, 2); // INTERNAL_ERROR
      assertThat(server.stats.aborted).containsExactly(CloseReason.CONTENT_ABANDONED);
      assertThat(server.stats.incomplete).hasValue(1);
      client.get(3, "/after");
      assertThat(client.await(HEADERS).stream()).isEqualTo(3);
    }
  }

  @Test
  void windowOfTheStreamHoldsTheContentBackUntilItOpens() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS);
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/");
      source.add(new byte[INITIAL_WINDOW + 1_000]);
      source.complete();
      int received = 0;
      while (received < INITIAL_WINDOW) {
        Frame frame = client.await(DATA);
        assertThat(ends(frame)).isFalse();
        received += frame.payload().length;
      }
      assertThat(received).isEqualTo(INITIAL_WINDOW);
      byte[] increment = ByteBuffer.allocate(4).putInt(10_000).array();
      client.send(WINDOW_UPDATE, 0, 0, increment);
      client.send(WINDOW_UPDATE, 0, 1, increment);
      Frame rest = client.await(DATA);
      assertThat(rest.payload()).hasSize(1_000);
      assertThat(ends(rest)).isTrue();
    }
  }

  @Test
  void streamThatTheClientResetsIsForgottenWhileNothingIsSent() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS);
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/");
      source.add("some");
      client.await(DATA);
      client.send(RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
      TestServer.await("given up", () -> server.stats.incomplete.get() == 1);
      source.add("more");
      source.complete();
      client.get(3, "/");
      Frame all = client.await(DATA);
      assertThat(text(all)).isEqualTo("somemore");
      assertThat(all.stream()).isEqualTo(3);
      assertThat(ends(all)).isTrue();
    }
  }

  @Test
  void connectionThatEndsIsForgottenWhileNothingIsSent() throws Exception {
    try (TestServer server = server(HttpLimits.DEFAULTS)) {
      try (Http2Client client = new Http2Client(server)) {
        client.get(1, "/");
        source.add("some");
        client.await(DATA);
      }
      TestServer.await("given up", () -> server.stats.incomplete.get() == 1);
      source.complete();
      assertThat(server.stats.done).hasValue(1);
    }
  }

  @Test
  void waitingForContentOutlivesEveryDeadline() throws Exception {
    HttpLimits limits =
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofMillis(500),
            Duration.ofMillis(500),
            Duration.ofMillis(500));
    try (TestServer server = server(limits);
        Http2Client client = new Http2Client(server)) {
      client.get(1, "/");
      source.add("one");
      client.await(DATA);
      try (Http2Client witness = new Http2Client(server)) {
        // It is under the same deadlines; when it is cut off they have passed.
        witness.awaitClosed();
      }
      source.add("two");
      assertThat(text(client.await(DATA))).isEqualTo("two");
      assertThat(server.stats.aborted).isEmpty();
    }
  }
}
