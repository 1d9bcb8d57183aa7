package io.millrace.transport.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.transport.tls.CertificateSet;
import io.millrace.transport.tls.QuicClientOcsp;
import io.millrace.transport.tls.QuicTls;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsCredentials;
import io.millrace.transport.tls.TlsSettings;
import io.netty.handler.codec.quic.QuicSslContext;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several certificates over QUIC. Each is self-signed, so a client that trusts one of them connects
 * only where it is shown that one.
 */
@ExtendWith(NoLeaks.class)
class QuicCertificatesTest {
  private static final int PORT = 443;
  private static final TlsCredentials FIRST = made("localhost", "unknown.example");
  private static final TlsCredentials SECOND = made("tv.example");

  private final BlockingQueue<Boolean> early = new LinkedBlockingQueue<>();
  private final HttpHandler handler =
      exchange -> {
        early.add(exchange.early());
        boolean _ = exchange.respond(HttpReply.of(200));
      };

  private static TlsCredentials made(String... names) {
    return SelfSigned.create(Set.of(names), Instant.now());
  }

  private static CertificateSet set(TlsCredentials second) {
    return new CertificateSet(
        List.of(
            new CertificateSet.Entry(FIRST, Set.of("localhost")), CertificateSet.Entry.of(second)));
  }

  private TestServer serve(QuicTls quic) throws Exception {
    return new TestServer(HttpLimits.DEFAULTS, 256, quic, handler);
  }

  private static void get(TestServer server, QuicSslContext client, String host) throws Exception {
    try (Http3Client connected =
        new Http3Client(server, client, host, PORT, server.secure, 1 << 20, null)) {
      assertThat(connected.get("/").awaitHead().status()).hasToString("200");
    }
  }

  /**
   * A request in early data is taken as that: nothing that the server says reaches the client until
   * then, so the client cannot have finished.
   */
  private void assertEarly(TestServer server, QuicSslContext client, String host) throws Exception {
    early.clear();
    try (UdpRelay relay = new UdpRelay(server.secure)) {
      relay.hold();
      CompletableFuture<Http3Client> connected = new CompletableFuture<>();
      var _ =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      connected.complete(connect(server, client, host, relay.address));
                    } catch (Exception | AssertionError e) {
                      connected.completeExceptionally(e);
                    }
                  });
      assertThat(early.poll(10, TimeUnit.SECONDS)).as("the request is early").isEqualTo(true);
      relay.release();
      connected.get(10, TimeUnit.SECONDS).close();
    }
  }

  /** With a request in early data, where the client has a ticket. */
  private static Http3Client connect(
      TestServer server, QuicSslContext client, String host, InetSocketAddress to)
      throws Exception {
    return new Http3Client(
        server,
        client,
        host,
        PORT,
        to,
        1 << 20,
        channel -> Http3Client.request(channel, "GET", "/", true));
  }

  @Test
  void clientsGetTheCertificateForTheNameThatTheyAskFor() throws Exception {
    try (TestServer server = serve(new QuicTls(set(SECOND), true))) {
      get(server, Http3Client.tls(SECOND), "tv.example");
      get(server, Http3Client.tls(FIRST), "localhost"); // asks for no name
      get(server, Http3Client.tls(FIRST), "unknown.example");
      assertThatThrownBy(() -> get(server, Http3Client.tls(FIRST), "tv.example"))
          .hasStackTraceContaining("CERTIFICATE_VERIFY_FAILED");
    }
  }

  @Test
  void oneOfThemIsReplacedAndTheOtherStays() throws Exception {
    TlsCredentials renewed = made("tv.example");
    QuicTls quic = new QuicTls(set(SECOND), true);
    try (TestServer server = serve(quic);
        Http3Client before =
            new Http3Client(
                server,
                Http3Client.tls(SECOND),
                "tv.example",
                PORT,
                server.secure,
                1 << 20,
                null)) {
      quic.use(set(renewed));
      get(server, Http3Client.tls(renewed), "tv.example");
      get(server, Http3Client.tls(FIRST), "localhost");
      assertThat(before.get("/").awaitHead().status()).hasToString("200");
    }
  }

  @Test
  void earlyDataIsTakenUnderEachNameAndAfterAReload() throws Exception {
    QuicTls quic = new QuicTls(set(SECOND), true);
    try (TestServer server = serve(quic)) {
      QuicSslContext second = Http3Client.tls(SECOND);
      QuicSslContext first = Http3Client.tls(FIRST);
      get(server, second, "tv.example");
      get(server, first, "localhost");
      assertEarly(server, second, "tv.example");
      assertEarly(server, first, "localhost");
      quic.use(set(SECOND));
      quic.rotateTicketKeys();
      assertEarly(server, second, "tv.example");
    }
  }

  @Test
  void ticketsOutliveARestartWithAFileOfKeys(@TempDir Path folder) throws Exception {
    TlsSettings settings = TlsSettings.DEFAULTS.withTicketKeysFile(folder.resolve("ticket.keys"));
    QuicSslContext client = Http3Client.tls(SECOND);
    try (ServerTls tls = ServerTls.https(set(SECOND), settings);
        TestServer server = serve(new QuicTls(set(SECOND), true, tls))) {
      get(server, client, "tv.example");
    }
    try (ServerTls tls = ServerTls.https(set(SECOND), settings);
        TestServer server = serve(new QuicTls(set(SECOND), true, tls))) {
      assertEarly(server, client, "tv.example");
    }
  }

  /** BoringSSL carries the responses and reads nothing in them. */
  @Test
  void ocspResponsesAreShownToWhoAsksAndFollowWhatThereIs() throws Throwable {
    Map<TlsCredentials, byte[]> responses = new ConcurrentHashMap<>();
    responses.put(SECOND, "first".getBytes(UTF_8));
    TlsSettings settings = TlsSettings.DEFAULTS.withStaples(responses::get);
    try (ServerTls tls = ServerTls.https(set(SECOND), settings)) {
      QuicTls quic = new QuicTls(set(SECOND), true, tls);
      try (TestServer server = serve(quic)) {
        assertThat(shown(server, SECOND, "tv.example")).isEqualTo("first");
        assertThat(shown(server, FIRST, "localhost")).isEmpty();

        responses.put(SECOND, "second".getBytes(UTF_8));
        responses.put(FIRST, "of the other".getBytes(UTF_8));
        quic.refreshStaples();
        assertThat(shown(server, SECOND, "tv.example")).isEqualTo("second");
        assertThat(shown(server, FIRST, "localhost")).isEqualTo("of the other");
        get(server, Http3Client.tls(SECOND), "tv.example"); // does not ask

        responses.clear();
        quic.refreshStaples();
        assertThat(shown(server, SECOND, "tv.example")).isEmpty();
      }
    }
  }

  @Test
  void otherOcspResponsesLeaveTicketsAndCertificatesAsTheyAre() throws Exception {
    Map<TlsCredentials, byte[]> responses = new ConcurrentHashMap<>();
    TlsSettings settings = TlsSettings.DEFAULTS.withStaples(responses::get);
    TlsCredentials renewed = made("tv.example");
    try (ServerTls tls = ServerTls.https(set(SECOND), settings)) {
      QuicTls quic = new QuicTls(set(SECOND), true, tls);
      try (TestServer server = serve(quic)) {
        QuicSslContext client = Http3Client.tls(SECOND);
        get(server, client, "tv.example");
        responses.put(SECOND, "first".getBytes(UTF_8));
        quic.refreshStaples();
        assertEarly(server, client, "tv.example");

        quic.use(set(renewed));
        responses.put(renewed, "renewed".getBytes(UTF_8));
        quic.refreshStaples();
        get(server, Http3Client.tls(renewed), "tv.example");
      }
    }
  }

  private static String shown(TestServer server, TlsCredentials trusted, String host)
      throws Throwable {
    QuicSslContext client = QuicClientOcsp.asking(Http3Client.tls(trusted));
    try (Http3Client connected =
        new Http3Client(server, client, host, PORT, server.secure, 1 << 20, null)) {
      return new String(QuicClientOcsp.shown(connected.channel), UTF_8);
    }
  }

  @Test
  void aRestartForgetsTicketsWithoutOne() throws Exception {
    QuicSslContext client = Http3Client.tls(SECOND);
    try (TestServer server = serve(new QuicTls(set(SECOND), true))) {
      get(server, client, "tv.example");
    }
    try (TestServer server = serve(new QuicTls(set(SECOND), true));
        Http3Client second = connect(server, client, "tv.example", server.secure)) {
      assertThat(second.get("/").awaitHead().status()).hasToString("200");
    }
    assertThat(early).doesNotContain(true);
  }
}
