package io.millrace.loadtest.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpHandler;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.tls.CertificateSet;
import io.millrace.transport.tls.ReplayRegister;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS 1.3 early data over TCP against the server as it runs, with openssl as the viewer. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EarlyDataTest {
  private static final Duration LIMIT = Duration.ofSeconds(15);

  /** More than a resumed handshake and its tickets come to, less than the page. */
  private static final int BEYOND_HANDSHAKE_BYTES = 6_000;

  private static final String PAGE = "/ui/watch.js";
  private static final String ACCEPTED = "Early data was accepted";
  private static final String REJECTED = "Early data was rejected";
  private static final int REPLAYS = Effort.of(100, 1_000);

  private Path folder;
  private RunningServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    Tool.require("openssl");
    this.folder = folder;
    server = run();
  }

  private RunningServer run() {
    String tls = "tls: { ticket_keys_file: \"" + folder.resolve("ticket.keys") + "\" }\n";
    return RunningServer.start(folder, RunningServer.PASSTHROUGH, Map.of("*/*", List.of()), tls);
  }

  @AfterAll
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static byte[] request(String alpn, String method, String path) {
    if (alpn.equals("h2")) {
      return http2(path);
    }
    String body = method.equals("POST") ? "content-length: 2\r\n\r\n{}" : "\r\n";
    return (method + " " + path + " HTTP/1.1\r\nhost: localhost\r\n" + body).getBytes(ISO_8859_1);
  }

  /** Preface, empty SETTINGS, HEADERS of a GET that ends its stream (RFC 9113 §3.4, §6.2). */
  private static byte[] http2(String path) {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    fields.writeBytes(HexFormat.of().parseHex("828704")); // GET, https, :path literal
    fields.write(path.length());
    fields.writeBytes(path.getBytes(ISO_8859_1));
    fields.write(0x01); // :authority literal
    fields.write(9);
    fields.writeBytes("localhost".getBytes(ISO_8859_1));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
    out.writeBytes(HexFormat.of().parseHex("000000040000000000"));
    out.writeBytes(HexFormat.of().parseHex("0000%02x010500000001".formatted(fields.size())));
    out.writeBytes(fields.toByteArray());
    return out.toByteArray();
  }

  /** Of the page, in its first kilobytes and in its last line. */
  private String endOfPage() {
    String page = Web.text(server.https(PAGE)).stripTrailing();
    assertThat(page.length()).isGreaterThan(BEYOND_HANDSHAKE_BYTES + 1_000);
    return page.substring(page.length() - 40);
  }

  private long metric(String name) {
    String text = Web.text(server.admin("/metrics"));
    Matcher matcher =
        Pattern.compile("(?m)^" + Pattern.quote(name) + " ([0-9.E+]+)$").matcher(text);
    return matcher.find() ? (long) Double.parseDouble(matcher.group(1)) : 0;
  }

  private long earlyData(String result) {
    return metric("millrace_tls_early_data_total{result=\"" + result + "\"}");
  }

  private long answered(String route, String protocol, int status) {
    return metric(
        "millrace_http_requests_total{listener=\"public\",protocol=\"%s\",route=\"%s\",status=\"%d\"}"
            .formatted(protocol, route, status));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http/1.1", "h2"})
  @Order(1)
  void aGetIsAnsweredBeforeTheClientsFinished(String alpn) {
    OpensslClient client = OpensslClient.require(alpn, folder);
    String end = endOfPage();
    byte[] request = request(alpn, "GET", PAGE);
    assertThat(client.first(server.port("https"), request, end)).contains("ALPN protocol: " + alpn);
    long accepted = earlyData("accepted");
    try (HoldingRelay relay = HoldingRelay.before(server.port("https"), BEYOND_HANDSHAKE_BYTES);
        Program early = client.startEarly(relay.port(), request)) {
      byte[] firstFlight = relay.awaitRelease(LIMIT);
      String printed = OpensslClient.finish(early, end);
      assertThat(printed).contains(ACCEPTED, "Reused, TLSv1.3");
      assertThat(relay.fromClient().length)
          .as("the client's second flight came after the answer")
          .isGreaterThan(firstFlight.length);
    }
    assertThat(earlyData("accepted")).isEqualTo(accepted + 1);
    assertThat(metric("millrace_tls_handshakes_total{kind=\"early\"}")).isPositive();
  }

  @Test
  @Order(2)
  void aPostComesTooEarly() {
    OpensslClient client = OpensslClient.require("http/1.1", folder);
    client.first(server.port("https"), request("http/1.1", "GET", "/"), "200 OK");
    byte[] post = request("http/1.1", "POST", "/obs/multitrack");
    String printed = client.early(server.port("https"), post, "HTTP/1.1 ");
    assertThat(printed).contains(ACCEPTED, "HTTP/1.1 425 ", "cache-control: no-store");
    assertThat(answered("too_early", "http1", 425)).isEqualTo(1);
    assertThat(Web.post(server.https("/obs/multitrack"), new byte[] {'{', '}'}).statusCode())
        .as("and not later")
        .isNotEqualTo(425);
  }

  @Test
  @Order(3)
  void ofARequestAndItsReplaysOneIsExecuted() throws IOException {
    OpensslClient client = OpensslClient.require("http/1.1", folder);
    String end = endOfPage();
    byte[] request = request("http/1.1", "GET", PAGE);
    client.first(server.port("https"), request, end);
    long before = answered("ui", "http1", 200);
    byte[] firstFlight;
    byte[] all;
    try (HoldingRelay relay = HoldingRelay.before(server.port("https"), BEYOND_HANDSHAKE_BYTES);
        Program early = client.startEarly(relay.port(), request)) {
      firstFlight = relay.awaitRelease(LIMIT);
      OpensslClient.finish(early, end);
      all = relay.fromClient();
    }
    assertThat(answered("ui", "http1", 200)).isEqualTo(before + 1);
    long replayed = earlyData("replayed");
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < REPLAYS; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port("https"));
        sockets.add(socket);
        // Every tenth with the second flight, whose EndOfEarlyData can be replayed too.
        socket.getOutputStream().write(i % 10 == 0 ? all : firstFlight);
      }
      // Its part of the handshake is the server's answer to all of what came with the ClientHello.
      for (Socket socket : sockets) {
        socket.setSoTimeout((int) LIMIT.toMillis());
        assertThat(socket.getInputStream().read()).isNotNegative();
      }
      Await.until("all are seen", LIMIT, () -> earlyData("replayed") == replayed + REPLAYS);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    assertThat(answered("ui", "http1", 200)).isEqualTo(before + 1);
    assertThat(server.log()).doesNotContain("exceptionCaught", "LEAK");
  }

  /** What the former process has seen is not known; but the new one knows its own tickets. */
  @Test
  @Order(4)
  void aRestartKeepsTheTicketsAndTakesEarlyDataWithNewOnesOnly() {
    OpensslClient client = OpensslClient.require("http/1.1", folder);
    byte[] request = request("http/1.1", "GET", "/");
    client.first(server.port("https"), request, "200 OK");
    server.kill();
    server = run();
    try (Program early = client.startEarly(server.port("https"), request)) {
      Await.until("its handshake", LIMIT, () -> early.allText().contains("Early data was"));
      assertThat(early.allText()).contains(REJECTED, "Reused, TLSv1.3");
      early.write(request);
      Await.until("a reply", LIMIT, () -> early.allText().contains("200 OK"));
    }
    assertThat(earlyData("rejected")).isEqualTo(1);
    assertThat(earlyData("accepted")).isZero();
    assertThat(metric("millrace_tls_handshakes_total{kind=\"resumed\"}")).isPositive();
    client.first(server.port("https"), request, "200 OK");
    assertThat(client.early(server.port("https"), request, "200 OK")).contains(ACCEPTED);
  }

  @Test
  @Order(5)
  void ticketsOfTheLastKeysAreGoodForEarlyData() throws IOException {
    OpensslClient client = OpensslClient.require("http/1.1", folder);
    byte[] request = request("http/1.1", "GET", "/");
    Loops loops = Loops.open(1, "early-test");
    try (ServerTls tls = ServerTls.https(SelfSigned.create(Set.of("localhost"), Instant.now()));
        HttpServer http =
            new HttpServer(
                loops,
                HttpLimits.DEFAULTS,
                exchange ->
                    exchange.respond(
                        HttpReply.of(200).with("x-early", Boolean.toString(exchange.early()))),
                HttpStats.NONE)) {
      int port =
          http.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls).getPort();
      assertThat(client.first(port, request, "x-early")).contains("x-early: false");
      tls.rotateTicketKeys();
      tls.rotateTicketKeys();
      assertThat(client.early(port, request, "x-early")).contains(ACCEPTED, "x-early: true");
      client.first(port, request, "x-early");
      for (int i = 0; i < 3; i++) {
        tls.rotateTicketKeys();
      }
      try (Program forgotten = client.startEarly(port, request)) {
        Await.until("a handshake", LIMIT, () -> forgotten.allText().contains("Early data was"));
        assertThat(forgotten.allText()).contains(REJECTED, "New, TLSv1.3");
      }
    } finally {
      loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /**
   * EndOfEarlyData is under the early keys, and is replayed with what came before it. Where there
   * is no register, a request that waited behind another is early all the same.
   */
  @Test
  @Order(6)
  void whatWaitedOverAReplayedEndOfEarlyDataIsEarlyStill() throws IOException {
    OpensslClient client = OpensslClient.require("http/1.1", folder);
    ByteArrayOutputStream two = new ByteArrayOutputStream();
    two.writeBytes(request("http/1.1", "GET", "/a"));
    two.writeBytes(request("http/1.1", "GET", "/b"));
    AtomicBoolean parks = new AtomicBoolean();
    List<HttpExchange> parked = new CopyOnWriteArrayList<>();
    HttpHandler handler =
        exchange -> {
          if (parks.get()) {
            parked.add(exchange);
          } else {
            byte[] body = new byte[BEYOND_HANDSHAKE_BYTES];
            exchange.respond(HttpReply.of(200, "a/b", body).with("x-path", exchange.path()));
          }
        };
    TlsSettings settings =
        TlsSettings.DEFAULTS.withRegister(
            _ -> CompletableFuture.completedStage(ReplayRegister.Sighting.FIRST));
    CertificateSet certificates =
        CertificateSet.of(SelfSigned.create(Set.of("localhost"), Instant.now()));
    Loops loops = Loops.open(1, "early-test");
    try (ServerTls tls = ServerTls.https(certificates, settings);
        HttpServer http = new HttpServer(loops, HttpLimits.DEFAULTS, handler, HttpStats.NONE)) {
      int port =
          http.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls).getPort();
      client.first(port, two.toByteArray(), "x-path: /b");
      byte[] replay;
      try (HoldingRelay relay = HoldingRelay.before(port, BEYOND_HANDSHAKE_BYTES);
          Program early = client.startEarly(relay.port(), two.toByteArray())) {
        int firstFlightBytes = relay.awaitRelease(LIMIT).length;
        assertThat(OpensslClient.finish(early, "x-path: /b")).contains(ACCEPTED);
        byte[] all = relay.fromClient();
        replay = Arrays.copyOf(all, firstFlightBytes + recordBytes(all, firstFlightBytes));
      }
      parks.set(true);
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getOutputStream().write(replay);
        Await.until("the first request", LIMIT, () -> parked.size() == 1);
        assertThat(parked.getFirst().early()).isTrue();
        parked.getFirst().respond(HttpReply.of(200));
        Await.until("the second request", LIMIT, () -> parked.size() == 2);
        assertThat(parked.getLast().path()).isEqualTo("/b");
        assertThat(parked.getLast().early()).isTrue();
      }
    } finally {
      loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /** Of the record of application data at this place: its header and what it holds. */
  private static int recordBytes(byte[] stream, int at) {
    assertThat(stream[at]).as("a record of application data").isEqualTo((byte) 23);
    return 5 + ((stream[at + 3] & 0xff) << 8 | stream[at + 4] & 0xff);
  }
}
