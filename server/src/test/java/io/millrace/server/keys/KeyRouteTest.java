package io.millrace.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.StreamKey;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.crypt.ClearKeys;
import io.millrace.server.config.ProtectionConfig;
import io.millrace.server.origin.StreamDirectory;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Licences and keys over a real socket. */
class KeyRouteTest {
  private static final Instant NOW = Instant.ofEpochSecond(100_000);
  private static final Duration ROTATE = Duration.ofSeconds(10);
  private static final long PERIOD = 10_000;

  @TempDir Path dataDir;
  private final Loops loops = Loops.open(1, "key-test");
  private final Presentation presentation =
      new Presentation(PresentationSettings.of("test"), () -> true);
  private ContentKeys keys;
  private ClearKeys expected;
  private HttpServer server;
  private HttpClient client;
  private String base;

  private final StreamDirectory directory =
      new StreamDirectory() {
        @Override
        public @Nullable Presentation find(StreamKey key) {
          return key.name().equals("ended") ? null : presentation;
        }

        @Override
        public List<Listed> list() {
          return List.of();
        }
      };

  @BeforeEach
  void start() throws Exception {
    ProtectionConfig config =
        new ProtectionConfig(ProtectionConfig.Scheme.CBCS, ROTATE, null, List.of(), "");
    keys =
        ContentKeys.open(
            dataDir,
            stream -> stream.name().equals("clear") ? null : config,
            InstantSource.fixed(NOW));
    expected =
        new ClearKeys(Files.readAllBytes(dataDir.resolve("content-keys.secret")), "live/show");
    KeyRoute route = new KeyRoute(directory, keys);
    server = new HttpServer(loops, HttpLimits.DEFAULTS, route::handle, HttpStats.NONE);
    InetAddress loopback = InetAddress.getLoopbackAddress();
    base = "http://127.0.0.1:" + server.listen(new InetSocketAddress(loopback, 0)).getPort();
    client = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    keys.close();
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private HttpResponse<byte[]> send(String method, String path, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(20))
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private static String name(UUID kid) {
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes.putLong(kid.getMostSignificantBits()).putLong(kid.getLeastSignificantBits());
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  private static String asking(UUID... kids) {
    StringBuilder text = new StringBuilder("{\"type\":\"temporary\",\"kids\":[");
    for (UUID kid : kids) {
      text.append(text.charAt(text.length() - 1) == '[' ? "" : ",");
      text.append('"').append(name(kid)).append('"');
    }
    return text + "]}";
  }

  @Test
  void aLicenceHoldsTheKeysOfTheStreamThatWereAskedForAndNoOthers() throws Exception {
    UUID foreign = new ClearKeys(new byte[32], "live/show").kid(PERIOD);
    UUID future = expected.kid(PERIOD + 2);
    HttpResponse<byte[]> reply =
        send(
            "POST",
            "/live/show/keys",
            asking(expected.kid(PERIOD), foreign, future, expected.kid(PERIOD + 1)));
    assertThat(reply.statusCode()).isEqualTo(200);
    assertThat(reply.headers().firstValue("cache-control")).hasValue("no-store");
    assertThat(reply.headers().firstValue("access-control-allow-origin")).hasValue("*");
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String each = "{\"kty\":\"oct\",\"kid\":\"%s\",\"k\":\"%s\"}";
    assertThat(new String(reply.body(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"keys\":["
                + each.formatted(
                    name(expected.kid(PERIOD)), base64.encodeToString(expected.find(PERIOD).key()))
                + ","
                + each.formatted(
                    name(expected.kid(PERIOD + 1)),
                    base64.encodeToString(expected.find(PERIOD + 1).key()))
                + "],\"type\":\"temporary\"}");
    assertThat(send("POST", "/live/show/keys", asking(foreign)).statusCode()).isEqualTo(404);
    assertThat(send("POST", "/live/other/keys", asking(expected.kid(PERIOD))).statusCode())
        .isEqualTo(404);
  }

  @Test
  void aKeyIsSixteenBytesUnderItsName() throws Exception {
    String path = "/live/show/keys/" + expected.kid(PERIOD);
    assertThat(KeyRoute.matches(path)).isTrue();
    HttpResponse<byte[]> reply = send("GET", path, "");
    assertThat(reply.body()).isEqualTo(expected.find(PERIOD).key());
    assertThat(reply.headers().firstValue("content-type")).hasValue("application/octet-stream");
    assertThat(send("GET", "/live/show/keys?kid=" + expected.kid(PERIOD), "").statusCode())
        .isEqualTo(200);
    assertThat(send("GET", "/live/show/keys/" + expected.kid(PERIOD + 2), "").statusCode())
        .isEqualTo(404);
  }

  @Test
  void streamsThatAreClearOrOverGiveNone() throws Exception {
    for (String name : List.of("clear", "ended")) {
      assertThat(send("POST", "/live/" + name + "/keys", asking(expected.kid(1))).statusCode())
          .isEqualTo(404);
    }
  }

  @Test
  void malformedRequestsAreRefused() throws Exception {
    for (String body :
        List.of(
            "",
            "[]",
            "{}",
            "{\"kids\":[]}",
            "{\"kids\":[\"AAAA\"]}",
            "{\"kids\":[\"",
            "{\"kids\":[\"*\"]}")) {
      assertThat(send("POST", "/live/show/keys", body).statusCode()).as(body).isEqualTo(400);
    }
    assertThat(send("GET", "/live/show/keys", "").statusCode()).isEqualTo(400);
    assertThat(send("DELETE", "/live/show/keys", "").statusCode()).isEqualTo(405);
    assertThat(send("OPTIONS", "/live/show/keys", "").statusCode()).isEqualTo(204);
    assertThat(KeyRoute.matches("/live/show/keys/media.m3u8")).isFalse();
  }

  @Test
  void theSecretIsKeptAndIsNobodyElses() throws Exception {
    Path file = dataDir.resolve("content-keys.secret");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    byte[] again = KeySecret.loadOrCreate(dataDir, new java.security.SecureRandom());
    assertThat(again).isEqualTo(Files.readAllBytes(file));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> KeySecret.loadOrCreate(dataDir, new java.security.SecureRandom()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600");
  }
}
