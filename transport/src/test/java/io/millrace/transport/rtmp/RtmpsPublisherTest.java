package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.Authority;
import io.millrace.transport.tls.ClientTls;
import io.millrace.transport.tls.TlsCredentials;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An RTMPS server is known by its authority and name, or by its certificate. */
class RtmpsPublisherTest {
  @TempDir Path folder;

  private final Loops loops = Loops.open(2, "test");
  private final Authority authority = new Authority("ours", Instant.now());

  @BeforeEach
  void writeAuthorities() throws Exception {
    authority.write(folder, "ca");
    new Authority("another", Instant.now()).write(folder, "other");
  }

  @AfterEach
  void stop() throws Exception {
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  private RtmpServer serve(TlsCredentials credentials, String version) throws Exception {
    SslContext tls =
        SslContextBuilder.forServer(
                credentials.key(), credentials.chain().toArray(X509Certificate[]::new))
            .protocols(version)
            .build();
    return RtmpServer.bind(
        loops,
        new InetSocketAddress("127.0.0.1", 0),
        RtmpSettings.defaults(),
        tls::newHandler,
        new RecordingHandler());
  }

  private RtmpPublisher publish(RtmpServer server, ClientTls tls) throws Exception {
    return RtmpPublisher.publish(
            loops,
            RtmpTarget.parse("rtmps://127.0.0.1:" + server.address().getPort() + "/live/a"),
            RtmpPublisherSettings.defaults(),
            tls)
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void aServerOfATrustedAuthorityIsPublishedTo(String version) throws Exception {
    ClientTls tls = ClientTls.trusting(folder.resolve("ca.crt"));
    for (String kind : List.of("EC", "RSA")) {
      RtmpServer server = serve(authority.issue("127.0.0.1", kind, null), version);
      try (RtmpPublisher publisher = publish(server, tls)) {
        assertThat(publisher.ended().toCompletableFuture()).isNotDone();
      }
      server.shutdown("done").get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aServerIsKnownByItsCertificateAlone() throws Exception {
    TlsCredentials credentials = authority.issue("elsewhere.example", "EC", null);
    RtmpServer server = serve(credentials, "TLSv1.3");
    ClientTls pinned = ClientTls.pinning(List.of(credentials.fingerprint()));
    try (RtmpPublisher publisher = publish(server, pinned)) {
      assertThat(publisher.ended().toCompletableFuture()).isNotDone();
    }
    server.shutdown("done").get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void aServerOfAnotherAuthorityIsNot(String version) throws Exception {
    RtmpServer server = serve(authority.issue("127.0.0.1", "EC", null), version);
    for (ClientTls tls :
        List.of(
            ClientTls.trusting(folder.resolve("other.crt")),
            ClientTls.trusting(null),
            ClientTls.pinning(List.of("AB:".repeat(31) + "CD")))) {
      assertThat(catchThrowable(() -> publish(server, tls)))
          .hasCauseInstanceOf(RtmpPublishException.class)
          .hasMessageContaining("TLS: the server's certificate is not trusted: ")
          .hasMessageNotContaining("authType");
    }
    server.shutdown("done").get(10, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void aServerOfAnotherNameIsNot(String version) throws Exception {
    RtmpServer server = serve(authority.issue("elsewhere.example", "EC", null), version);
    ClientTls tls = ClientTls.trusting(folder.resolve("ca.crt"));
    assertThat(catchThrowable(() -> publish(server, tls)))
        .hasMessageContaining("TLS: the server's certificate is not trusted: ")
        .hasMessageContaining("127.0.0.1");
    server.shutdown("done").get(10, TimeUnit.SECONDS);
  }

  @Test
  void aHostThatThereIsNotIsSaidPlainly() {
    assertThat(
            catchThrowable(
                () ->
                    RtmpPublisher.publish(
                            loops,
                            RtmpTarget.parse("rtmp://nowhere.invalid/live/a"),
                            RtmpPublisherSettings.defaults(),
                            null)
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS)))
        .hasMessageContaining("no such host: nowhere.invalid");
  }
}
