package io.millrace.loadtest.e2e;

import static io.millrace.loadtest.e2e.RawHello.ECDSA_P256_SHA256;
import static io.millrace.loadtest.e2e.RawHello.X25519;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.e2e.RawHello.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the server offers to whoever comes to its TLS ports, as a scanner sees it: by ClientHellos
 * written by hand, and by openssl. See docs/tls.md.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsScanTest {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final int FATAL = 2;

  // RFC 8446 §6, RFC 7301 §3.2, RFC 7507 §3
  private static final int HANDSHAKE_FAILURE = 40;
  private static final int ILLEGAL_PARAMETER = 47;
  private static final int PROTOCOL_VERSION = 70;
  private static final int INAPPROPRIATE_FALLBACK = 86;
  private static final int MISSING_EXTENSION = 109;
  private static final int NO_APPLICATION_PROTOCOL = 120;

  private static final int FALLBACK_SCSV = 0x5600;
  private static final int ECDHE_ECDSA_AES_128_GCM = 0xc02b;
  private static final int MAX_TICKET_S = 7 * 24 * 3600; // RFC 8446 §4.6.1

  private RunningServer server;
  private int https;
  private int rtmps;

  @BeforeAll
  void start(@TempDir Path folder) {
    server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
    https = server.port("https");
    rtmps = server.port("rtmps");
  }

  @AfterAll
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static Answer alert(int description) {
    return new Answer.Alert(FATAL, description);
  }

  private static Answer.Hello hello(Answer answer) {
    assertThat(answer).isInstanceOf(Answer.Hello.class);
    return (Answer.Hello) answer;
  }

  @ParameterizedTest
  @ValueSource(ints = {0x0300, 0x0301, 0x0302, 0x0303})
  void viewersHaveNothingOlderThanTls13(int version) throws IOException {
    assertThat(RawHello.upTo(version).ask(https)).isEqualTo(alert(PROTOCOL_VERSION));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x0300, 0x0301, 0x0302})
  void publishersHaveNothingOlderThanTls12(int version) throws IOException {
    assertThat(RawHello.upTo(version).ask(rtmps)).isEqualTo(alert(PROTOCOL_VERSION));
  }

  /** RFC 6176. */
  @Test
  void nobodyHasSsl2() throws IOException {
    byte[] hello = new byte[48];
    byte[] head = {(byte) 0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10};
    System.arraycopy(head, 0, hello, 0, head.length);
    for (int port : List.of(https, rtmps)) {
      assertThat(RawHello.ask(port, hello)).isNotInstanceOf(Answer.Hello.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1301, 0x1302, 0x1303})
  void eachSuiteOfTls13IsTaken(int suite) throws IOException {
    for (int port : List.of(https, rtmps)) {
      Answer.Hello hello = hello(RawHello.usual().suites(suite).ask(port));
      assertThat(hello).isEqualTo(new Answer.Hello(0x0304, suite, 0, X25519, false, false));
    }
  }

  /** CCM, and what TLS 1.2 had, without a version 1.2 to go with it. */
  @ParameterizedTest
  @ValueSource(ints = {0x1304, 0x1305, 0xc02b, 0x002f, 0x0000})
  void noOtherSuiteIs(int suite) throws IOException {
    assertThat(RawHello.usual().suites(suite).ask(https)).isEqualTo(alert(HANDSHAKE_FAILURE));
  }

  /** RSA key exchange, CBC, 3DES, RC4, no encryption, no authentication. */
  @ParameterizedTest
  @ValueSource(ints = {0x009c, 0x002f, 0xc009, 0xc013, 0xc024, 0x000a, 0x0005, 0x0001, 0xc018})
  void publishersHaveForwardSecretAeadSuitesOfTls12Only(int suite) throws IOException {
    RawHello hello = RawHello.upTo(0x0303).suites(suite);
    assertThat(hello.ask(rtmps)).isEqualTo(alert(HANDSHAKE_FAILURE));
  }

  /** RFC 8446 §4.1.3, RFC 7507. */
  @Test
  void whoIsForcedDownToTls12IsTold() throws IOException {
    Answer.Hello forced = hello(RawHello.upTo(0x0303).ask(rtmps));
    assertThat(forced.version()).isEqualTo(0x0303);
    assertThat(forced.suite()).isEqualTo(ECDHE_ECDSA_AES_128_GCM);
    assertThat(forced.compression()).isZero();
    assertThat(forced.downgraded()).isTrue();
    RawHello again = RawHello.upTo(0x0303).suites(ECDHE_ECDSA_AES_128_GCM, FALLBACK_SCSV);
    assertThat(again.ask(rtmps)).isEqualTo(alert(INAPPROPRIATE_FALLBACK));
  }

  /** X25519MLKEM768, X25519, P-256, P-384, by asking for a key of them (RFC 8446 §4.1.4). */
  @ParameterizedTest
  @ValueSource(ints = {0x11ec, 0x001d, 0x0017, 0x0018})
  void eachGroupIsTaken(int group) throws IOException {
    RawHello hello = RawHello.tls13().algorithms(ECDSA_P256_SHA256).groups(group).noKey();
    Answer.Hello retry = hello(hello.ask(https));
    assertThat(retry.retry()).isTrue();
    assertThat(retry.group()).isEqualTo(group);
  }

  /** Finite fields, P-224, secp256k1, P-521, X448. */
  @ParameterizedTest
  @ValueSource(ints = {0x0100, 0x0104, 0x0015, 0x0016, 0x0019, 0x001e})
  void noOtherGroupIs(int group) throws IOException {
    RawHello hello = RawHello.tls13().algorithms(ECDSA_P256_SHA256).groups(group).noKey();
    assertThat(hello.ask(https)).isEqualTo(alert(HANDSHAKE_FAILURE));
  }

  @Test
  void theHybridGroupIsPreferred() throws IOException {
    RawHello hello =
        RawHello.tls13().algorithms(ECDSA_P256_SHA256).groups(X25519, 0x11ec, 0x0017).noKey();
    assertThat(hello(hello.ask(https)).group()).isEqualTo(0x11ec);
  }

  /** SHA-1; RSA, for a certificate of another kind; MD5. */
  @ParameterizedTest
  @ValueSource(ints = {0x0203, 0x0201, 0x0804, 0x0101})
  void noWeakSignatureIsMade(int scheme) throws IOException {
    RawHello hello = RawHello.tls13().algorithms(scheme).groups(X25519).key();
    assertThat(hello.ask(https)).isEqualTo(alert(HANDSHAKE_FAILURE));
  }

  @Test
  void thereIsNoCompression() throws IOException {
    assertThat(RawHello.usual().compressions(1, 0).ask(https)).isEqualTo(alert(ILLEGAL_PARAMETER));
    assertThat(hello(RawHello.upTo(0x0303).compressions(1, 0).ask(rtmps)).compression()).isZero();
  }

  /** RFC 8446 §9.2 has missing_extension for both; BoringSSL does not in every case. */
  @Test
  void whatAHelloNeedsIsNotGuessed() throws IOException {
    RawHello noAlgorithms = RawHello.tls13().groups(X25519).key();
    RawHello noKey = RawHello.tls13().algorithms(ECDSA_P256_SHA256).groups(X25519);
    for (RawHello hello : List.of(noAlgorithms, noKey)) {
      assertThat(hello.ask(https)).isIn(alert(MISSING_EXTENSION), alert(HANDSHAKE_FAILURE));
    }
  }

  @Test
  void whoSpeaksOtherProtocolsIsToldSo() throws IOException {
    assertThat(RawHello.usual().protocols("ftp", "imap").ask(https))
        .isEqualTo(alert(NO_APPLICATION_PROTOCOL));
    assertThat(hello(RawHello.usual().protocols("ftp", "h2").ask(https)).version())
        .isEqualTo(0x0304);
  }

  @Test
  void aSessionIsResumedForAWeekAtMostAndEndsProperly() {
    Tool openssl = Tool.require("openssl");
    String request = "GET /time HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    String printed =
        talk(
            openssl.with("s_client", "-connect", "127.0.0.1:" + https, "-msg", "-ign_eof"),
            request,
            "close_notify");
    assertThat(printed)
        .contains("New, TLSv1.3", "Compression: NONE", "Secure Renegotiation IS NOT supported")
        .containsPattern("<<< TLS 1\\.3, Alert .*\\n.*\\n.*|<<< .*close_notify");
    Matcher lifetime = Pattern.compile("ticket lifetime hint: (\\d+)").matcher(printed);
    List<Integer> lifetimes = new ArrayList<>();
    while (lifetime.find()) {
      lifetimes.add(Integer.parseInt(lifetime.group(1)));
    }
    assertThat(lifetimes).isNotEmpty().allMatch(seconds -> seconds > 0 && seconds <= MAX_TICKET_S);
  }

  /** With TLS 1.2; TLS 1.3 has none. */
  @Test
  void nobodyRenegotiates() {
    Tool openssl = Tool.require("openssl");
    String printed =
        talk(
            openssl.with("s_client", "-connect", "127.0.0.1:" + rtmps, "-tls1_2"),
            "R\n",
            "RENEGOTIATING");
    assertThat(printed).contains("New, TLSv1.2", "RENEGOTIATING");
    assertThat(printed.split("verify return:", -1))
        .as("certificates shown")
        .hasSizeLessThanOrEqualTo(3);
  }

  /** Waits for the connection's end, and for what has to be printed. */
  private static String talk(List<String> command, String input, String expected) {
    try (Program client = Program.start(command)) {
      Await.until("a session", LIMIT, () -> client.allText().contains("New, TLSv1"));
      client.write(input.getBytes(StandardCharsets.US_ASCII));
      Await.until(expected, LIMIT, () -> client.allText().contains(expected));
      client.await(LIMIT);
      return client.allText();
    }
  }
}
