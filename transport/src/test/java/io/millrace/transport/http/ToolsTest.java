package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.transport.tls.SelfSigned;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that are not ours: curl and OpenSSL. */
@ExtendWith(NoLeaks.class)
class ToolsTest {
  @TempDir Path directory;

  private record Run(int exit, String output) {}

  private static boolean installed(String tool) {
    boolean found =
        Arrays.stream(String.valueOf(System.getenv("PATH")).split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    assertThat(found || !"true".equals(System.getenv("CI"))).as("CI needs %s", tool).isTrue();
    return found;
  }

  private Run run(String... command) throws Exception {
    assumeTrue(installed(command[0]), command[0] + " is not installed");
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(command[0]).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Run(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
  }

  private static void hello(HttpExchange exchange) {
    exchange.respond(HttpReply.of(200, "t/p", exchange.protocol().wireName().getBytes()));
  }

  private Path certificate() throws IOException {
    StringBuilder pem = new StringBuilder("-----BEGIN CERTIFICATE-----\n");
    try {
      byte[] der = TestServer.CREDENTIALS.chain().getFirst().getEncoded();
      pem.append(Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
    } catch (CertificateEncodingException e) {
      throw new IOException(e);
    }
    return Files.writeString(
        directory.resolve("ca.pem"), pem.append("\n-----END CERTIFICATE-----\n"));
  }

  @ParameterizedTest
  @CsvSource({"--http1.0, HTTP/1.0", "--http1.1, HTTP/1.1", "--http2, HTTP/2"})
  void curlFetchesByEveryProtocol(String flag, String protocol) throws Exception {
    try (TestServer server = new TestServer(ToolsTest::hello)) {
      Run run =
          run(
              "curl",
              "-sS",
              flag,
              "--cacert",
              certificate().toString(),
              "--write-out",
              " %{http_version} %{ssl_verify_result}",
              server.secureUri("/").toString());
      String version = protocol.substring(5).replace("1.0", "1.1");
      assertThat(run.output()).isEqualTo(protocol + " " + version + " 0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_1", "-tls1"})
  void opensslIsRefusedBelowTls13(String version) throws Exception {
    try (TestServer server = new TestServer(ToolsTest::hello)) {
      Run run = handshake(server, version, "-cipher", "ALL:@SECLEVEL=0");
      assertThat(run.exit()).isNotZero();
      assertThat(run.output()).contains("alert protocol version", "Cipher is (NONE)");
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.TLS_FAILED));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256"
      })
  void opensslGetsEverySuiteOfTls13(String suite) throws Exception {
    try (TestServer server = new TestServer(ToolsTest::hello)) {
      Run run = handshake(server, "-tls1_3", "-ciphersuites", suite);
      assertThat(run.exit()).as(run.output()).isZero();
      assertThat(run.output()).contains("Cipher is " + suite, "ALPN protocol: h2");
    }
  }

  @Test
  void opensslVerifiesTheSelfSignedCertificate() throws Exception {
    Path folder = directory.resolve("tls");
    SelfSigned.loadOrCreate(folder, Instant.now());
    Run run =
        run(
            "openssl",
            "verify",
            "-CAfile",
            folder.resolve("self-signed.crt").toString(),
            "-verify_ip",
            "127.0.0.1",
            "-purpose",
            "sslserver",
            folder.resolve("self-signed.crt").toString());
    assertThat(run.exit()).as(run.output()).isZero();
  }

  private Run handshake(TestServer server, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:" + server.secure.getPort(),
                "-CAfile",
                certificate().toString(),
                "-alpn",
                "h2,http/1.1"));
    command.addAll(List.of(more));
    return run(command.toArray(String[]::new));
  }
}
