package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTlsTest {
  private static final Set<String> NAMES = Set.of("localhost", "127.0.0.1");

  private final TlsCredentials credentials = SelfSigned.create(NAMES, Instant.now());
  private final TlsCredentials others = SelfSigned.create(NAMES, Instant.now());
  private final Loops loops = Loops.open(1, "tls-test");

  @AfterEach
  void stop() {
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private record Served(HttpServer server, ServerTls tls, InetSocketAddress address)
      implements AutoCloseable {
    @Override
    public void close() {
      server.close();
      tls.close();
    }
  }

  private Served serve(ServerTls tls) throws Exception {
    HttpServer server =
        new HttpServer(loops, HttpLimits.DEFAULTS, ServerTlsTest::answer, HttpStats.NONE);
    return new Served(
        server,
        tls,
        server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls));
  }

  private static void answer(HttpExchange exchange) {
    exchange.respond(HttpReply.of(200, "t/p", "ok".getBytes()));
  }

  private SSLContext client(TlsCredentials... trusted) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (TlsCredentials each : trusted) {
      store.setCertificateEntry(each.fingerprint(), each.chain().getFirst());
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static SSLSocket connect(SSLContext client, InetSocketAddress server, String protocol)
      throws Exception {
    SSLSocket socket =
        (SSLSocket) client.getSocketFactory().createSocket("localhost", server.getPort());
    socket.setSoTimeout(10_000);
    socket.setEnabledProtocols(new String[] {protocol});
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    return socket;
  }

  private static String get(SSLSocket socket) throws Exception {
    socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
    StringBuilder reply = new StringBuilder();
    while (!reply.toString().endsWith("\r\n\r\nok")) {
      int c = socket.getInputStream().read();
      if (c < 0) {
        throw new AssertionError("closed after: " + reply);
      }
      reply.append((char) c);
    }
    return reply.substring(0, 15);
  }

  private static X509Certificate certificate(SSLSocket socket) throws Exception {
    return (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  @Test
  void boringSslDoesTheWorkHere() {
    try (ServerTls tls = ServerTls.https(credentials)) {
      assertThat(tls.nativeEngine()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void speaksTls13OnEitherEngine(boolean jdk) throws Exception {
    try (Served served =
            serve(jdk ? ServerTls.httpsOnJdk(credentials) : ServerTls.https(credentials));
        SSLSocket socket = connect(client(credentials), served.address(), "TLSv1.3")) {
      assertThat(get(socket)).isEqualTo("HTTP/1.1 200 OK");
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      assertThat(socket.getSession().getCipherSuite()).matches("TLS_(AES|CHACHA20).*");
    }
  }

  @ParameterizedTest
  @CsvSource({"true, TLSv1.2", "false, TLSv1.2"})
  void refusesOlderVersions(boolean jdk, String protocol) throws Exception {
    try (Served served =
            serve(jdk ? ServerTls.httpsOnJdk(credentials) : ServerTls.https(credentials));
        SSLSocket socket = connect(client(credentials), served.address(), protocol)) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"'h2,http/1.1', h2", "'http/1.1,h2', h2", "http/1.1, http/1.1", "spdy/3, ''"})
  void choosesHttp2WhereOffered(String offered, String chosen) throws Exception {
    try (Served served = serve(ServerTls.https(credentials));
        SSLSocket socket = connect(client(credentials), served.address(), "TLSv1.3")) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(offered.split(","));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo(chosen);
    }
  }

  @Test
  void reloadServesTheNewCertificateAndKeepsOpenConnections() throws Exception {
    SSLContext client = client(credentials, others);
    try (Served served = serve(ServerTls.https(credentials));
        SSLSocket before = connect(client, served.address(), "TLSv1.3")) {
      assertThat(get(before)).isEqualTo("HTTP/1.1 200 OK");
      served.tls().use(others);
      assertThat(get(before)).isEqualTo("HTTP/1.1 200 OK");
      assertThat(certificate(before)).isEqualTo(credentials.chain().getFirst());
      try (SSLSocket after = connect(client(others), served.address(), "TLSv1.3")) {
        assertThat(get(after)).isEqualTo("HTTP/1.1 200 OK");
        assertThat(certificate(after)).isEqualTo(others.chain().getFirst());
      }
    }
  }

  @Test
  void ticketsResumeAfterKeyRotationAndCertificateChange() throws Exception {
    try (Served served = serve(ServerTls.https(credentials))) {
      assertThat(resumed(served, () -> {})).isTrue();
      assertThat(resumed(served, () -> served.tls().rotateTicketKeys())).isTrue();
      assertThat(resumed(served, () -> served.tls().use(others))).isTrue();
      Runnable forget =
          () -> {
            served.tls().rotateTicketKeys();
            served.tls().rotateTicketKeys();
            served.tls().rotateTicketKeys();
          };
      assertThat(resumed(served, forget)).isFalse();
    }
  }

  /** A resumed session has the creation time of the first one. */
  private boolean resumed(Served served, Runnable between) throws Exception {
    SSLContext client = client(credentials, others);
    long[] local = new long[2];
    for (int i = 0; i < 2; i++) {
      try (SSLSocket socket = connect(client, served.address(), "TLSv1.3")) {
        get(socket);
        local[i] = socket.getSession().getCreationTime();
      }
      if (i == 0) {
        // The creation time has a resolution of a millisecond.
        long now = System.currentTimeMillis();
        while (System.currentTimeMillis() == now) {
          Thread.onSpinWait();
        }
        between.run();
      }
    }
    return local[0] == local[1];
  }

  @Test
  void plainContextOffersNoApplicationProtocol() throws Exception {
    try (Served served = serve(ServerTls.plain(credentials));
        SSLSocket socket = connect(client(credentials), served.address(), "TLSv1.3")) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
      socket.setSSLParameters(parameters);
      assertThat(get(socket)).isEqualTo("HTTP/1.1 200 OK");
      assertThat(socket.getApplicationProtocol()).isEmpty();
    }
  }
}
