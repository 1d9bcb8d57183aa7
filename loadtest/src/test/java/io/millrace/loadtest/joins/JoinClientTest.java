package io.millrace.loadtest.joins;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.tls.QuicTls;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsCredentials;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The clients of the benchmark are what it says that they are. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JoinClientTest {
  private static final String PLAYLIST =
      """
      #EXTM3U
      #EXT-X-PART:DURATION=0.2,URI="1.0.m4s"
      #EXT-X-PART:DURATION=0.2,URI="1.1.m4s"
      #EXT-X-PRELOAD-HINT:TYPE=PART,URI="1.2.m4s"
      """;

  /** For tickets of QUIC, which come after the first answer. */
  private static final long STAY_MS = 50;

  private record Seen(String path, boolean early) {}

  private final List<Seen> seen = new CopyOnWriteArrayList<>();
  private Loops loops = Loops.open(2, "join-test");
  private ServerTls tls;
  private HttpServer server;
  private InetSocketAddress address;

  @BeforeAll
  void start() throws Exception {
    TlsCredentials credentials = SelfSigned.create(Set.of("localhost"), Instant.now());
    tls = ServerTls.https(credentials);
    server = new HttpServer(loops, HttpLimits.DEFAULTS, this::answer, HttpStats.NONE);
    address =
        server.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            tls,
            new QuicTls(credentials, true));
  }

  private void answer(HttpExchange exchange) {
    seen.add(new Seen(exchange.path(), exchange.early()));
    byte[] body =
        exchange.path().endsWith(".m3u8")
            ? PLAYLIST.getBytes(StandardCharsets.UTF_8)
            : new byte[100_000];
    exchange.respond(HttpReply.of(200, "a/b", body));
  }

  @BeforeEach
  void forget() {
    seen.clear();
  }

  @AfterAll
  void stop() {
    server.close();
    tls.close();
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private JoinClient.Join join(JoinClient client, String name) throws Exception {
    return client.join(address, name, new Conversation("/live/a/media.m3u8", true), STAY_MS);
  }

  @ParameterizedTest
  @EnumSource(JoinProtocol.class)
  void aViewerWithATicketSendsItsRequestWithTheFirstFlight(JoinProtocol protocol) throws Exception {
    try (JoinClient client = protocol.client(loops, Handshake.EARLY)) {
      assertThat(join(client, "a").kind()).isEqualTo(Handshake.FULL.kind);
      assertThat(seen)
          .containsExactly(
              new Seen("/live/a/media.m3u8", false), new Seen("/live/a/1.1.m4s", false));
      JoinClient.Join early = awaitEarly(client, protocol);
      assertThat(seen.getFirst().path()).isEqualTo("/live/a/media.m3u8");
      assertThat(seen.getLast().path()).isEqualTo("/live/a/1.1.m4s");
      assertThat(early.firstUs()).isPositive();
      assertThat(early.mediaUs()).isGreaterThan(early.firstUs());
    }
  }

  /**
   * Once more where a ticket was late, as a viewer does not wait for it, and where the handshake
   * had ended before the server looked at the request; over HTTP/3 that is the usual case.
   */
  private JoinClient.Join awaitEarly(JoinClient client, JoinProtocol protocol) throws Exception {
    for (int i = 0; i < 20; i++) {
      seen.clear();
      JoinClient.Join join = join(client, "a");
      boolean taken = protocol == JoinProtocol.HTTP_3 || seen.getFirst().early();
      if (join.kind() == Handshake.EARLY.kind && taken) {
        return join;
      }
    }
    throw new AssertionError("no join was early");
  }

  @ParameterizedTest
  @EnumSource(JoinProtocol.class)
  void aViewerThatOnlyResumesSendsNothingEarly(JoinProtocol protocol) throws Exception {
    try (JoinClient client = protocol.client(loops, Handshake.RESUMED)) {
      var _ = join(client, "a");
      assertThat(join(client, "a").kind()).isEqualTo(Handshake.RESUMED.kind);
      assertThat(seen).hasSize(4).noneMatch(Seen::early);
    }
  }

  @ParameterizedTest
  @EnumSource(JoinProtocol.class)
  void anotherNameBeginsAnew(JoinProtocol protocol) throws Exception {
    try (JoinClient client = protocol.client(loops, Handshake.FULL)) {
      var _ = join(client, "a");
      assertThat(join(client, "b").kind()).isEqualTo(Handshake.FULL.kind);
    }
  }
}
