package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
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
      assertThat(tls.engine()).isEqualTo(TlsEngine.BORINGSSL);
      assertThat(BoringSsl.whyNot()).isNull();
      assertThat(tls.takesEarlyData()).isTrue();
    }
  }

  private ServerTls https(TlsEngine engine) {
    return ServerTls.https(CertificateSet.of(credentials), TlsSettings.DEFAULTS.withEngine(engine));
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void speaksTls13OnEveryEngine(TlsEngine engine) throws Exception {
    try (Served served = serve(https(engine));
        SSLSocket socket = connect(client(credentials), served.address(), "TLSv1.3")) {
      assertThat(get(socket)).isEqualTo("HTTP/1.1 200 OK");
      assertThat(served.tls().engine()).isEqualTo(engine);
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      assertThat(socket.getSession().getCipherSuite()).matches("TLS_(AES|CHACHA20).*");
    }
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void refusesOlderVersions(TlsEngine engine) throws Exception {
    try (Served served = serve(https(engine));
        SSLSocket socket = connect(client(credentials), served.address(), "TLSv1.2")) {
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "BORINGSSL, 'h2,http/1.1', h2",
    "BORINGSSL, 'http/1.1,h2', h2",
    "BORINGSSL, http/1.1, http/1.1",
    "CONSCRYPT, 'http/1.1,h2', h2",
    "CONSCRYPT, http/1.1, http/1.1",
    "JDK, 'http/1.1,h2', h2"
  })
  void choosesHttp2WhereOffered(TlsEngine engine, String offered, String chosen) throws Exception {
    try (Served served = serve(https(engine));
        SSLSocket socket = connect(client(credentials), served.address(), "TLSv1.3")) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(offered.split(","));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      assertThat(socket.getApplicationProtocol()).isEqualTo(chosen);
    }
  }

  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void whoSpeaksOtherProtocolsOnlyIsRefused(TlsEngine engine) throws Exception {
    try (Served served = serve(https(engine));
        SSLSocket socket = connect(client(credentials), served.address(), "TLSv1.3")) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"spdy/3"});
      socket.setSSLParameters(parameters);
      assertThatThrownBy(socket::startHandshake)
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("no_application_protocol");
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

  /** Every one of several listed; the JDK's client says which signatures it verifies. */
  @ParameterizedTest
  @EnumSource(TlsEngine.class)
  void showsTheCertificateThatTheClientAsksFor(TlsEngine engine) throws Exception {
    TlsCredentials local = credentials;
    TlsCredentials rsa = CertificateSetTest.rsa("localhost");
    TlsCredentials other = SelfSigned.create(Set.of("other.example"), Instant.now());
    CertificateSet set =
        new CertificateSet(
            List.of(
                CertificateSet.Entry.of(local),
                CertificateSet.Entry.of(rsa),
                CertificateSet.Entry.of(other)));
    try (Served served = serve(ServerTls.https(set, TlsSettings.DEFAULTS.withEngine(engine)))) {
      assertThat(shown(served, "localhost", "ecdsa_secp256r1_sha256")).isEqualTo(local);
      assertThat(shown(served, "localhost", "rsa_pss_rsae_sha256")).isEqualTo(rsa);
      assertThat(shown(served, "other.example", "ecdsa_secp256r1_sha256")).isEqualTo(other);
      assertThat(shown(served, "unknown.example", "ecdsa_secp256r1_sha256")).isEqualTo(local);
    }
  }

  private TlsCredentials shown(Served served, String name, String scheme) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    List<X509Certificate> seen = new ArrayList<>();
    context.init(null, new TrustManager[] {new Looking(seen)}, null);
    try (SSLSocket socket = connect(context, served.address(), "TLSv1.3")) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm(null);
      parameters.setServerNames(List.of(new SNIHostName(name)));
      parameters.setSignatureSchemes(new String[] {scheme});
      socket.setSSLParameters(parameters);
      assertThat(get(socket)).isEqualTo("HTTP/1.1 200 OK");
    }
    return served.tls().certificates().entries().stream()
        .map(CertificateSet.Entry::credentials)
        .filter(each -> each.chain().getFirst().equals(seen.getFirst()))
        .findFirst()
        .orElseThrow();
  }

  /** Takes any certificate and notes it. */
  private static final class Looking extends X509ExtendedTrustManager {
    private final List<X509Certificate> seen;

    Looking(List<X509Certificate> seen) {
      this.seen = seen;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
      seen.add(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
      seen.add(chain[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      seen.add(chain[0]);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** The client offers nothing else, so it is that or nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"X25519MLKEM768", "X25519", "P-256"})
  void agreesOnKeysByEveryGroupThatItOffers(String group) throws Exception {
    SslContext client =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .trustManager(credentials.chain().getFirst())
            .endpointIdentificationAlgorithm(null)
            .option(OpenSslContextOption.GROUPS, new String[] {group})
            .build();
    CompletableFuture<String> agreed = new CompletableFuture<>();
    try (Served served = serve(ServerTls.https(credentials))) {
      Channel channel =
          new Bootstrap()
              .group(loops.group())
              .channel(loops.channel())
              .handler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                      SslHandler tls = client.newHandler(made.alloc());
                      made.pipeline().addLast(tls);
                      tls.handshakeFuture()
                          .addListener(
                              done -> {
                                if (done.isSuccess()) {
                                  agreed.complete(tls.engine().getSession().getProtocol());
                                } else {
                                  agreed.completeExceptionally(done.cause());
                                }
                              });
                    }
                  })
              .connect(served.address())
              .channel();
      assertThat(agreed.get(10, TimeUnit.SECONDS)).isEqualTo("TLSv1.3");
      channel.close().awaitUninterruptibly();
    } finally {
      ReferenceCountUtil.release(client);
    }
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
