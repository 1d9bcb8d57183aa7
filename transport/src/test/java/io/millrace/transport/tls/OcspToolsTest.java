package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.tls.OcspStapling.Wanted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenSSL's responder is asked, and OpenSSL's client is shown what it says. */
@Timeout(60)
class OcspToolsTest {
  private final Instant now = Instant.now();
  private final Authority authority = new Authority("OCSP Test", now);
  private final Loops loops = Loops.open(1, "ocsp-test");

  @TempDir Path folder;

  @AfterEach
  void stop() {
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static void requireOpenssl() {
    boolean found =
        Arrays.stream(String.valueOf(System.getenv("PATH")).split(":"))
            .anyMatch(each -> Files.isExecutable(Path.of(each, "openssl")));
    assertThat(found || !"true".equals(System.getenv("CI"))).as("CI needs openssl").isTrue();
    assumeTrue(found, "openssl is not installed");
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** The index of a CA as openssl-ca(1) keeps it: status, expiry, serial, file, subject. */
  private Process responder(int port, TlsCredentials good) throws Exception {
    X509Certificate certificate = good.chain().getFirst();
    String expiry =
        DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'")
            .withZone(ZoneOffset.UTC)
            .format(certificate.getNotAfter().toInstant());
    String serial = "%02X".formatted(certificate.getSerialNumber());
    Files.writeString(
        folder.resolve("index.txt"),
        "V\t" + expiry + "\t\t" + serial + "\tunknown\t/CN=localhost\n");
    authority.write(folder, "ca");
    return new ProcessBuilder(
            "openssl",
            "ocsp",
            "-port",
            "" + port,
            "-index",
            folder.resolve("index.txt").toString(),
            "-CA",
            folder.resolve("ca.crt").toString(),
            "-rsigner",
            folder.resolve("ca.crt").toString(),
            "-rkey",
            folder.resolve("ca.key").toString(),
            "-nmin",
            "60")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("responder.log").toFile())
        .start();
  }

  private String client(int port, String version) throws Exception {
    Path output = folder.resolve("client.log");
    Process process =
        new ProcessBuilder(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:" + port,
                "-servername",
                "localhost",
                "-CAfile",
                folder.resolve("ca.crt").toString(),
                "-status",
                version)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output, StandardCharsets.ISO_8859_1);
  }

  @Test
  void whatAResponderSaysIsShownToWhoAsksForIt() throws Exception {
    requireOpenssl();
    int port = freePort();
    TlsCredentials server = authority.issue("localhost", "EC", "http://127.0.0.1:" + port);
    TlsCredentials rsa = authority.issue("localhost", "RSA", null);
    Process responder = responder(port, server);
    try (OcspStapling stapling = OcspStapling.overHttp(InstantSource.system());
        ServerTls tls =
            ServerTls.https(
                new CertificateSet(
                    List.of(CertificateSet.Entry.of(server), CertificateSet.Entry.of(rsa))),
                TlsSettings.DEFAULTS.withStaples(stapling));
        HttpServer http =
            new HttpServer(
                loops,
                HttpLimits.DEFAULTS,
                exchange -> {
                  boolean _ = exchange.respond(HttpReply.of(200));
                },
                HttpStats.NONE)) {
      InetSocketAddress address =
          http.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls);
      assertThat(client(address.getPort(), "-tls1_3")).contains("OCSP response: no response sent");
      awaitStaple(stapling, server);
      String shown = client(address.getPort(), "-tls1_3");
      assertThat(shown)
          .contains(
              "OCSP Response Status: successful",
              "Cert Status: good",
              "Verify return code: 0 (ok)");
      assertThat(shown.indexOf("OCSP Response Data"))
          .as("before what the client says of the certificate")
          .isLessThan(shown.indexOf("Server certificate"));
    } finally {
      responder.destroyForcibly();
    }
  }

  private void awaitStaple(OcspStapling stapling, TlsCredentials server) {
    await("the responder listens", this::listens);
    stapling.use(List.of(new Wanted(server, null)));
    await("a response is there", () -> stapling.find(server) != null);
  }

  /** By its log: it takes one connection after the other, and waits for what each will say. */
  private boolean listens() {
    try {
      return Files.readString(folder.resolve("responder.log")).contains("waiting for OCSP client");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time: " + what).isLessThan(deadlineNs);
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
