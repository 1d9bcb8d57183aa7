package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.config.Config;
import io.millrace.server.config.ConfigLoader;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.rtmp.PublishDecision;
import io.millrace.transport.rtmp.PublishRequest;
import io.millrace.transport.rtmp.RtmpPublication;
import io.millrace.transport.rtmp.RtmpPublicationListener;
import io.millrace.transport.rtmp.RtmpPublishHandler;
import io.millrace.transport.rtmp.RtmpServer;
import io.millrace.transport.rtmp.RtmpSessionSummary;
import io.millrace.transport.rtmp.RtmpSettings;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.TlsCredentials;
import io.millrace.transport.tls.TlsStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificatesTest {
  private static final Instant NOW = Instant.now();

  @TempDir Path dir;

  private TlsCredentials made(String name) throws IOException {
    return SelfSigned.loadOrCreate(dir.resolve(name), NOW);
  }

  private String files(String name) {
    Path folder = dir.resolve(name);
    return "certificate: \"%s\", key: \"%s\""
        .formatted(folder.resolve("self-signed.crt"), folder.resolve("self-signed.key"));
  }

  private Config config(String tls) throws IOException {
    Path file = Files.writeString(dir.resolve("millrace.yaml"), "tls: { " + tls + " }\n");
    return ConfigLoader.load(file, List.of()).config();
  }

  private static Certificates load(Config config) {
    return Certificates.load(config, InstantSource.fixed(NOW), TlsStats.NONE);
  }

  private static X509Certificate shown(InetSocketAddress address, String name, TlsCredentials... of)
      throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (TlsCredentials each : of) {
      trusted.setCertificateEntry(each.fingerprint(), each.chain().getFirst());
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout(10_000);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void oneOfSeveralIsReloadedAndTheOthersStay() throws Exception {
    TlsCredentials first = made("first");
    TlsCredentials second = made("second");
    TlsCredentials renewed = made("renewed");
    Config config =
        config(
            files("first")
                + ", certificates: [ { "
                + files("second")
                + ", names: [tv.example] } ]");
    Loops loops = Loops.open(1, "certificates-test");
    try (Certificates certificates = load(config);
        HttpServer server =
            new HttpServer(
                loops,
                HttpLimits.DEFAULTS,
                exchange -> exchange.respond(HttpReply.of(200)),
                HttpStats.NONE)) {
      InetSocketAddress address =
          server.listen(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), certificates.https());
      TlsCredentials[] all = {first, second, renewed};
      assertThat(certificates.fingerprint()).isEqualTo(first.fingerprint());
      assertThat(shown(address, "tv.example", all)).isEqualTo(second.chain().getFirst());
      assertThat(shown(address, "a.example", all)).isEqualTo(first.chain().getFirst());

      for (String file : List.of("self-signed.crt", "self-signed.key")) {
        Files.delete(dir.resolve("second").resolve(file));
        Files.move(dir.resolve("renewed").resolve(file), dir.resolve("second").resolve(file));
      }
      certificates.checkFiles();
      assertThat(shown(address, "tv.example", all)).isEqualTo(renewed.chain().getFirst());
      assertThat(shown(address, "a.example", all)).isEqualTo(first.chain().getFirst());
    } finally {
      loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  @Test
  void rtmpsHasAllOfThemToo() throws Exception {
    TlsCredentials first = made("first");
    TlsCredentials second = made("second");
    Config config =
        config(
            files("first")
                + ", certificates: [ { "
                + files("second")
                + ", names: [tv.example] } ]");
    Loops loops = Loops.open(1, "certificates-test");
    try (Certificates certificates = load(config);
        RtmpServer server =
            RtmpServer.bind(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                RtmpSettings.defaults(),
                _ -> certificates.rtmps().newGate(Duration.ofSeconds(5), _ -> {}),
                new Nobody())) {
      assertThat(shown(server.address(), "tv.example", first, second))
          .isEqualTo(second.chain().getFirst());
      assertThat(shown(server.address(), "a.example", first, second))
          .isEqualTo(first.chain().getFirst());
    } finally {
      loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /** Lets nobody publish. */
  private static final class Nobody implements RtmpPublishHandler {
    @Override
    public CompletionStage<PublishDecision> authorize(PublishRequest request) {
      return CompletableFuture.completedFuture(PublishDecision.reject("no", "no"));
    }

    @Override
    public RtmpPublicationListener opened(RtmpPublication publication) {
      throw new AssertionError();
    }

    @Override
    public void sessionEnded(RtmpSessionSummary summary) {}
  }

  @Test
  void ticketKeysOfOthersStopTheStart() throws Exception {
    made("first");
    Path keys = Files.write(dir.resolve("ticket.keys"), new byte[48]);
    Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
    Config config = config(files("first") + ", ticket_keys_file: \"" + keys + "\"");
    assertThatThrownBy(() -> load(config))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("ticket.keys")
        .hasMessageContaining("0600");
  }
}
