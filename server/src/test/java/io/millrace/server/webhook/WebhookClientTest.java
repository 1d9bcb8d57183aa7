package io.millrace.server.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.millrace.media.StreamKey;
import io.millrace.server.config.WebhookConfig;
import io.millrace.server.config.WebhookConfig.OnError;
import io.millrace.server.config.WebhookSecret;
import io.millrace.server.event.EventSink;
import io.millrace.server.webhook.Question.Action;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.TlsCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Questions to a real server. */
@Timeout(30)
class WebhookClientTest {
  private static final Instant NOW = Instant.parse("2026-11-28T23:00:00Z");
  private static final WebhookSecret SECRET = new WebhookSecret("0123456789abcdef".getBytes(UTF_8));

  private final Webhooks webhooks =
      new Webhooks(WebhookStats.NONE, InstantSource.fixed(NOW), EventSink.NONE);
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private @Nullable HttpServer server;

  private record Asked(Headers headers, String body) {}

  @AfterEach
  void stop() {
    over.countDown();
    webhooks.close();
    if (server != null) {
      server.stop(0);
    }
  }

  private int serve(HttpServer made) {
    server = made;
    made.createContext("/yes", exchange -> answer(exchange, 204, ""));
    made.createContext("/no", exchange -> answer(exchange, 403, "{\"reason\":\"not today\"}"));
    made.createContext("/large", exchange -> answer(exchange, 403, "x".repeat(70_000)));
    made.createContext(
        "/elsewhere",
        exchange -> {
          exchange.getResponseHeaders().set("location", "/yes");
          answer(exchange, 307, "");
        });
    made.createContext(
        "/never",
        exchange -> {
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    made.setExecutor(task -> Thread.ofVirtual().start(task));
    made.start();
    return made.getAddress().getPort();
  }

  private int serve() throws IOException {
    return serve(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
  }

  private void answer(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      String said = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      asked.add(new Asked(exchange.getRequestHeaders(), said));
      byte[] bytes = body.getBytes(UTF_8);
      exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
      if (bytes.length > 0) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  private Decision ask(String url, Duration timeout, @Nullable Path authorities) throws Exception {
    WebhookConfig config =
        new WebhookConfig(
            URI.create(url),
            timeout,
            Duration.ZERO,
            Duration.ZERO,
            OnError.REFUSE,
            SECRET,
            authorities);
    Question question =
        new Question(
            Action.PUBLISH,
            new StreamKey("live", "show"),
            "kéy",
            "rtmp",
            InetAddress.getLoopbackAddress(),
            "rtmp-1",
            "",
            Map.of(),
            false);
    return webhooks
        .of(Action.PUBLISH, config)
        .ask(question)
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private Decision ask(int port, String path) throws Exception {
    return ask("http://127.0.0.1:" + port + path, Duration.ofSeconds(10), null);
  }

  @Test
  void questionsAreJsonAndSigned() throws Exception {
    int port = serve();
    Decision decision =
        ask("http://me:p%40ss@127.0.0.1:" + port + "/yes?a=b", Duration.ofSeconds(10), null);
    assertThat(decision).isEqualTo(new Decision.Allowed());
    Asked question = asked.take();
    assertThat(question.body()).contains("\"key\":\"kéy\"", "\"path\":\"live/show\"");
    assertThat(question.headers().getFirst("content-type")).isEqualTo("application/json");
    assertThat(question.headers().getFirst("authorization"))
        .isEqualTo("Basic bWU6cEBzcw=="); // me:p@ss
    long seconds = NOW.getEpochSecond();
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.bytes(), "HmacSHA256"));
    byte[] code = mac.doFinal((seconds + "." + question.body()).getBytes(UTF_8));
    assertThat(question.headers().getFirst("millrace-signature"))
        .isEqualTo("t=" + seconds + ",v1=" + HexFormat.of().formatHex(code));
  }

  @Test
  void aNoComesWithItsReason() throws Exception {
    assertThat(ask(serve(), "/no")).isEqualTo(new Decision.Refused(403, "not today"));
  }

  @Test
  void whatIsNoAnswerDecidesNothing() throws Exception {
    int port = serve();
    assertThat(ask(port, "/large")).isEqualTo(new Decision.Unavailable());
    assertThat(ask(port, "/elsewhere")).isEqualTo(new Decision.Unavailable());
    assertThat(asked).as("redirections are not followed").hasSize(2);
    assertThat(ask("http://127.0.0.1:" + port + "/never", Duration.ofMillis(100), null))
        .isEqualTo(new Decision.Unavailable());
    assertThat(ask("http://127.0.0.1:1/closed", Duration.ofSeconds(10), null))
        .isEqualTo(new Decision.Unavailable());
    assertThat(ask("http://no-such-host.invalid/", Duration.ofSeconds(10), null))
        .isEqualTo(new Decision.Unavailable());
  }

  @Test
  void aConnectionThatClosesBeforeItsAnswerIsTriedOnceMore() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      var _ =
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (String reply : List.of("", "HTTP/1.1 204 Yes\r\n\r\n", "", "")) {
                      try (Socket socket = listener.accept()) {
                        byte[] head = new byte[2_048];
                        int _ = socket.getInputStream().read(head);
                        socket.getOutputStream().write(reply.getBytes(UTF_8));
                      } catch (IOException e) {
                        return;
                      }
                    }
                  });
      int port = listener.getLocalPort();
      assertThat(ask(port, "/")).isEqualTo(new Decision.Allowed());
      assertThat(ask(port, "/")).as("closed twice").isEqualTo(new Decision.Unavailable());
    }
  }

  @Test
  void aServerIsKnownByItsIssuerAndItsName(@TempDir Path folder) throws Exception {
    TlsCredentials own = SelfSigned.loadOrCreate(folder, Instant.now());
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer https = HttpsServer.create(new InetSocketAddress(0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context));
    int port = serve(https);
    Path authorities = folder.resolve("self-signed.crt");
    Duration patience = Duration.ofSeconds(10);
    assertThat(ask("https://localhost:" + port + "/yes", patience, authorities))
        .isEqualTo(new Decision.Allowed());
    assertThat(ask("https://localhost:" + port + "/yes", patience, null))
        .as("of an issuer that is not trusted")
        .isEqualTo(new Decision.Unavailable());
    assertThat(ask("https://127.0.0.2:" + port + "/yes", patience, authorities))
        .as("by an address that its certificate does not have")
        .isEqualTo(new Decision.Unavailable());
  }

  @Test
  void authoritiesThatAreNoneAreSaid(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("ca.pem"), "nothing\n");
    WebhookConfig config =
        new WebhookConfig(
            URI.create("https://localhost/"),
            Duration.ofSeconds(1),
            Duration.ZERO,
            Duration.ZERO,
            OnError.REFUSE,
            null,
            file);
    assertThatIOException()
        .isThrownBy(() -> new WebhookClient(config, InstantSource.system()))
        .withMessageContaining("ca.pem");
  }
}
