package io.millrace.transport.http;

import static io.millrace.transport.http.Http2Case.PROTOCOL_ERROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * RFC 9113 and RFC 7541, rule by rule: about what h2spec looks at, with frames written by hand. A
 * row says whether an error ends the stream or the connection, and with which code; where the
 * standard leaves it to the server, it has what this server does.
 */
@ExtendWith(NoLeaks.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2ConformanceTest {
  private TestServer server;

  @BeforeAll
  void start() throws Exception {
    server =
        new TestServer(
            exchange -> {
              if (!exchange.path().equals("/park")) {
                exchange.respond(HttpReply.of(200, "t/p", new byte[] {'o', 'k'}));
              }
            });
  }

  @AfterAll
  void stop() {
    server.close();
  }

  static Stream<Http2Case> rules() {
    return Stream.of(Http2FrameCases.all(), Http2StreamCases.all(), Http2MessageCases.all())
        .flatMap(java.util.List::stream);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void ruleIsKept(Http2Case rule) throws Exception {
    try (Http2Client client = new Http2Client(server)) {
      rule.check(client);
    }
  }

  /** RFC 9113 §3.4: it has SETTINGS as its first frame. */
  @Test
  void serversPrefaceComesFirst() throws Exception {
    try (Http2Client client = new Http2Client(server)) {
      Http2Client.Frame first = client.frames.take();
      assertThat(first.type()).isEqualTo(Http2Client.SETTINGS);
      assertThat(first.flags()).isZero();
    }
  }

  /** RFC 9113 §3.4. */
  @Test
  void whoHasNoPrefaceIsClosed() throws Exception {
    try (Http2Client client = new Http2Client(server, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
      client.awaitClosed();
    }
  }

  /** RFC 9113 §3.4: SETTINGS follow it at once. */
  @Test
  void whatComesBehindThePrefaceIsSettings() throws Exception {
    try (Http2Client client = new Http2Client(server, Http2Client.PREFACE)) {
      client.send(Http2Client.PING, 0, 0, new byte[8]);
      Http2Client.Frame goAway = client.await(Http2Client.GOAWAY);
      assertThat(Unpooled.wrappedBuffer(goAway.payload()).getInt(4)).isEqualTo(PROTOCOL_ERROR);
      client.awaitClosed();
    }
  }
}
