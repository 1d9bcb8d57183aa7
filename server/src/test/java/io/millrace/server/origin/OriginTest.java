package io.millrace.server.origin;

import static org.assertj.core.api.Assertions.assertThat;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.decoder.Decoder;
import io.millrace.media.StreamKey;
import io.millrace.packager.Document;
import io.millrace.packager.MediaObject;
import io.millrace.packager.Presentation;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The public routes over a real socket, with a real presentation behind them. */
class OriginTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00.007Z");

  private final Loops loops = Loops.open(2, "origin-test");
  private final TestStream.Directory directory = new TestStream.Directory();
  private final Viewers viewers = new Viewers();
  private final Origin origin = new Origin(directory, viewers, InstantSource.fixed(NOW));
  private HttpServer server;
  private HttpClient client;
  private int port;

  @BeforeEach
  void start() throws Exception {
    server = new HttpServer(loops, HttpLimits.DEFAULTS, origin, HttpStats.NONE);
    port = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
    client = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private TestStream stream(String name) {
    TestStream stream = new TestStream();
    directory.streams.put(new StreamKey("live", name), stream);
    return stream;
  }

  private HttpRequest request(String method, String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request.build();
  }

  private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    return client.send(request("GET", path, headers), BodyHandlers.ofByteArray());
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static String field(HttpResponse<?> response, String name) {
    return String.join("|", response.headers().allValues(name));
  }

  private static String find(String text, String regex) {
    Matcher matcher = Pattern.compile(regex).matcher(text);
    assertThat(matcher.find()).as("%s in %s", regex, text).isTrue();
    return matcher.group(matcher.groupCount());
  }

  @Test
  void picturesAreServedAsTheyAreMade() throws Exception {
    stream("show").grown(3);
    CompletableFuture<Document> thumbnail = new CompletableFuture<>();
    directory.pictures = new Pictures(thumbnail);
    thumbnail.complete(new Document("image/jpeg", new byte[] {1, 2, 3}, "\"t\"", NOW));
    HttpResponse<byte[]> image = get("/live/show/thumb.jpg");
    assertThat(image.statusCode()).isEqualTo(200);
    assertThat(field(image, "content-type")).isEqualTo("image/jpeg");
    assertThat(field(image, "cache-control")).isEqualTo("public, max-age=2");
    assertThat(field(image, "access-control-allow-origin")).isEqualTo("*");
    assertThat(image.body()).containsExactly(1, 2, 3);
    assertThat(get("/live/show/thumb.jpg", "if-none-match", "\"t\"").statusCode()).isEqualTo(304);
    HttpResponse<byte[]> storyboard = get("/live/show/storyboard.vtt");
    assertThat(field(storyboard, "content-type")).isEqualTo("text/vtt; charset=utf-8");
    assertThat(text(storyboard)).startsWith("WEBVTT");
    HttpResponse<byte[]> busy = get("/live/show/storyboard-x-5-0-1.jpg");
    assertThat(busy.statusCode()).isEqualTo(503);
    assertThat(field(busy, "retry-after")).isEqualTo("1");
    HttpResponse<byte[]> none = get("/live/show/storyboard-y.jpg");
    assertThat(none.statusCode()).isEqualTo(404);
    assertThat(field(none, "content-type")).isEqualTo("application/problem+json");
    assertThat(get("/live/none/thumb.jpg").statusCode()).isEqualTo(404);
  }

  private record Pictures(CompletableFuture<Document> thumbnail) implements StreamPictures {
    @Override
    public CompletionStage<Document> thumbnail(StreamKey key, Presentation presentation) {
      return thumbnail;
    }

    @Override
    public Document storyboard(Presentation presentation) {
      byte[] text = "WEBVTT\n".getBytes(StandardCharsets.UTF_8);
      return new Document("text/vtt; charset=utf-8", text, "\"s\"", NOW);
    }

    @Override
    public CompletionStage<Document> sheet(StreamKey key, Presentation presentation, String name) {
      return name.equals("storyboard-y.jpg")
          ? CompletableFuture.completedFuture(null)
          : CompletableFuture.failedFuture(new RejectedExecutionException("full"));
    }
  }

  @Test
  void everyUrlOfTheMasterPlaylistIsServed() throws Exception {
    stream("show").grown(3);
    HttpResponse<byte[]> master = get("/live/show/master.m3u8");
    assertThat(master.statusCode()).isEqualTo(200);
    assertThat(field(master, "content-type")).isEqualTo("application/vnd.apple.mpegurl");
    assertThat(field(master, "cache-control")).contains("max-age=1");
    for (String rendition : List.of("720p", "av1-720p", "audio")) {
      assertThat(text(master)).contains(rendition + "/media.m3u8");
      HttpResponse<byte[]> media = get("/live/show/" + rendition + "/media.m3u8");
      assertThat(field(media, "content-type")).isEqualTo("application/vnd.apple.mpegurl");
      String folder = "/live/show/" + rendition + "/";
      HttpResponse<byte[]> init = get(folder + find(text(media), "URI=\"(init[^\"]+)\""));
      HttpResponse<byte[]> segment = get(folder + find(text(media), "(?m)^([^#\\n]+\\.m4s)$"));
      for (HttpResponse<byte[]> object : List.of(init, segment)) {
        assertThat(object.statusCode()).isEqualTo(200);
        assertThat(field(object, "content-type")).matches("(video|audio)/mp4");
        assertThat(field(object, "cache-control")).isEqualTo("public, max-age=31536000, immutable");
        assertThat(field(object, "accept-ranges")).isEqualTo("bytes");
        assertThat(field(object, "content-encoding")).isEmpty();
      }
      assertThat(segment.body().length).isGreaterThan(9_000);
    }
  }

  @Test
  void manifestIsServed() throws Exception {
    stream("show").grown(3);
    HttpResponse<byte[]> manifest = get("/live/show/manifest.mpd");
    assertThat(field(manifest, "content-type")).isEqualTo("application/dash+xml");
    assertThat(text(manifest)).contains("<MPD", "value=\"/time\"");
  }

  @ParameterizedTest
  @CsvSource({
    "'', true, false",
    "?codec=av1, true, true",
    "?codec=h264, false, false",
    "?betaCodecSuggestion=av1, true, true",
    "?betaCodecSuggestion=vp9, true, false",
    "?codec=<script>, true, false",
    "?other=av1, true, false",
  })
  void codecParameterOrdersAndLeavesOut(String query, boolean av1, boolean av1First)
      throws Exception {
    stream("show").grown(3);
    String encoded = query.replace("<", "%3C").replace(">", "%3E");
    String master = text(get("/live/show/master.m3u8" + encoded));
    int h264At = master.indexOf("avc1");
    int av1At = master.indexOf("av01");
    assertThat(h264At).isPositive();
    assertThat(av1At > 0).isEqualTo(av1);
    assertThat(av1At > 0 && av1At < h264At).isEqualTo(av1First);
    assertThat(text(get("/live/show/manifest.mpd" + encoded)).contains("av01")).isEqualTo(av1);
  }

  @Test
  void anyApplicationNameIsAPath() throws Exception {
    directory.streams.put(new StreamKey("événement", "a b"), new TestStream().grown(3));
    assertThat(get("/%C3%A9v%C3%A9nement/a%20b/master.m3u8").statusCode()).isEqualTo(200);
  }

  @Test
  void mediaIsServedInRangesFromTheSameBytes() throws Exception {
    TestStream stream = stream("show").grown(3);
    String name = find(text(get("/live/show/720p/media.m3u8")), "(?m)^([^#\\n]+\\.m4s)$");
    MediaObject object = stream.presentation.object("720p", name);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    object.parts().forEach(all::writeBytes);
    String path = "/live/show/720p/" + name;
    HttpResponse<byte[]> part = get(path, "Range", "bytes=100-299");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(field(part, "content-range")).isEqualTo("bytes 100-299/" + all.size());
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(all.toByteArray(), 100, 300));
    String etag = field(part, "etag");
    assertThat(get(path, "Range", "bytes=0-9", "If-Range", etag).statusCode()).isEqualTo(206);
    assertThat(get(path, "Range", "bytes=0-9", "If-Range", "\"x\"").statusCode()).isEqualTo(200);
    assertThat(get(path, "Range", "bytes=99999999-").statusCode()).isEqualTo(416);
    assertThat(get(path, "If-None-Match", etag).statusCode()).isEqualTo(304);
  }

  @Test
  void playlistChangesItsEntityTagWithItsContent() throws Exception {
    TestStream stream = stream("show").grown(3);
    HttpResponse<byte[]> first = get("/live/show/720p/media.m3u8");
    String etag = field(first, "etag");
    assertThat(get("/live/show/720p/media.m3u8", "If-None-Match", etag).statusCode())
        .isEqualTo(304);
    stream.grow();
    HttpResponse<byte[]> second = get("/live/show/720p/media.m3u8", "If-None-Match", etag);
    assertThat(second.statusCode()).isEqualTo(200);
    assertThat(field(second, "etag")).isNotEqualTo(etag);
  }

  @Test
  void aDocumentIsCompressedOnceForAThousandViewers() throws Exception {
    TestStream stream = stream("show").grown(14);
    byte[] plain = get("/live/show/720p/media.m3u8").body();
    assertThat(origin.compressions()).isZero();
    List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      String path = "/live/show/720p/media.m3u8?viewer=" + i;
      String coding = i % 2 == 0 ? "gzip" : "gzip, deflate, br";
      responses.add(
          client.sendAsync(
              request("GET", path, "Accept-Encoding", coding), BodyHandlers.ofByteArray()));
    }
    for (var response : responses) {
      HttpResponse<byte[]> got = response.get(30, TimeUnit.SECONDS);
      assertThat(field(got, "vary")).isEqualToIgnoringCase("Accept-Encoding");
      assertThat(decoded(got)).isEqualTo(plain);
    }
    long codings = Brotli4jLoader.isAvailable() ? 2 : 1;
    assertThat(origin.compressions()).isEqualTo(codings);
    stream.grow();
    get("/live/show/720p/media.m3u8", "Accept-Encoding", "gzip");
    assertThat(origin.compressions()).isEqualTo(codings + 1);
  }

  private static byte[] decoded(HttpResponse<byte[]> response) throws Exception {
    return switch (field(response, "content-encoding")) {
      case "gzip" -> new GZIPInputStream(new ByteArrayInputStream(response.body())).readAllBytes();
      case "br" -> Decoder.decompress(response.body()).getDecompressedData();
      default -> response.body();
    };
  }

  @Test
  void codingsOfADocumentHaveDifferentEntityTags() throws Exception {
    stream("show").grown(14);
    String path = "/live/show/720p/media.m3u8";
    String plain = field(get(path), "etag");
    String gzip = field(get(path, "Accept-Encoding", "gzip"), "etag");
    assertThat(gzip).isNotEqualTo(plain).matches("\".+\"");
    assertThat(get(path, "Accept-Encoding", "gzip", "If-None-Match", gzip).statusCode())
        .isEqualTo(304);
    assertThat(get(path, "If-None-Match", gzip).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip;q=0               | ''",
        "br;q=0, gzip           | gzip",
        "identity               | ''",
        "GZIP                   | gzip",
        "gzip;q=0.5             | gzip",
        "deflate                | ''",
        ",,,                    | ''",
      })
  void codingIsNegotiated(String accepted, String coding) throws Exception {
    stream("show").grown(14);
    HttpResponse<byte[]> response = get("/live/show/720p/media.m3u8", "Accept-Encoding", accepted);
    assertThat(field(response, "content-encoding")).isEqualTo(coding);
  }

  @Test
  void requestsWaitUntilTheStreamIsReady() throws Exception {
    TestStream stream = stream("soon");
    List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
    for (String file : List.of("master.m3u8", "manifest.mpd", "720p/media.m3u8")) {
      for (int i = 0; i < 10; i++) {
        responses.add(
            client.sendAsync(request("GET", "/live/soon/" + file), BodyHandlers.ofString()));
      }
    }
    awaitWaiting(30);
    assertThat(responses).noneMatch(CompletableFuture::isDone);
    stream.grown(3);
    for (var response : responses) {
      assertThat(response.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
    awaitWaiting(0);
  }

  @Test
  void clientThatLeavesWaitsNoMore() throws Exception {
    stream("never");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write("GET /live/never/master.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
      awaitWaiting(1);
    }
    awaitWaiting(0);
  }

  private void awaitWaiting(int count) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (origin.waiting() != count) {
      assertThat(System.nanoTime()).as("%s waiting", origin.waiting()).isLessThan(deadlineNs);
      Thread.onSpinWait();
    }
  }

  @Test
  void unknownNamesAre404WithAProblem() throws Exception {
    stream("show").grown(3);
    for (String path :
        List.of(
            "/live/nobody/master.m3u8",
            "/live/show/other.m3u8",
            "/live/show/720p/seg-999.m4s",
            "/live/show/720p/init.mp4",
            "/live/show/1080p/media.m3u8",
            "/live/show/1080p/seg-1.m4s",
            "/live/show/720p/a/b",
            "/live/show",
            "/live",
            "/live/show/",
            "/nothing",
            "/watch",
            "/watch/a/b/c",
            "/ui/",
            "/ui/vendor",
            "/ui/vendor/",
            "/ui/other.js",
            "/ui/Main.class")) {
      HttpResponse<byte[]> response = get(path);
      assertThat(response.statusCode()).as(path).isEqualTo(404);
      assertThat(field(response, "content-type")).isEqualTo("application/problem+json");
      assertThat(text(response)).contains("\"status\":404");
      assertThat(field(response, "cache-control")).isEqualTo("no-store");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ui/../Origin.class",
        "/ui/%2e%2e/Origin.class",
        "/ui/..%2forigin%2fOrigin.class",
        "/ui/vendor/%2e%2e/app.css",
        "/live/show/720p/..%2f..%2fx",
        "/ui/..\\app.css",
        "/ui/app.css%00.js",
      })
  void pathsThatEscapeAreRefused(String path) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes());
      assertThat(new String(socket.getInputStream().readNBytes(12))).isEqualTo("HTTP/1.1 400");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/live/show/master.m3u8",
        "/live/show/720p/media.m3u8",
        "/live/nobody/master.m3u8",
        "/streams.json",
        "/time"
      })
  void anyPageMayRead(String path) throws Exception {
    stream("show").grown(3);
    HttpResponse<byte[]> response = get(path, "Origin", "https://player.example");
    assertThat(field(response, "access-control-allow-origin")).isEqualTo("*");
    assertThat(field(response, "access-control-expose-headers").toLowerCase())
        .contains("content-length", "date", "etag");
  }

  @Test
  void preflightIsAnswered() throws Exception {
    HttpResponse<String> response =
        client.send(
            request(
                "OPTIONS",
                "/live/show/720p/seg-1.m4s",
                "Origin",
                "https://player.example",
                "Access-Control-Request-Method",
                "GET",
                "Access-Control-Request-Headers",
                "range"),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(204);
    assertThat(field(response, "access-control-allow-origin")).isEqualTo("*");
    assertThat(field(response, "access-control-allow-methods")).contains("GET");
    assertThat(field(response, "access-control-allow-headers").toLowerCase()).contains("range");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"})
  void methodsThatWriteAre405(String method) throws Exception {
    HttpResponse<String> response =
        client.send(request(method, "/live/show/master.m3u8"), BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(field(response, "allow")).isEqualTo("GET, HEAD, OPTIONS");
    assertThat(field(response, "access-control-allow-origin")).isEqualTo("*");
  }

  @Test
  void headHasTheFieldsOfGet() throws Exception {
    stream("show").grown(3);
    HttpResponse<byte[]> get = get("/live/show/master.m3u8");
    HttpResponse<byte[]> head =
        client.send(request("HEAD", "/live/show/master.m3u8"), BodyHandlers.ofByteArray());
    assertThat(head.body()).isEmpty();
    for (String name : List.of("content-length", "content-type", "etag", "cache-control", "vary")) {
      assertThat(field(head, name)).as(name).isEqualTo(field(get, name)).isNotEmpty();
    }
  }

  @Test
  void timeIsUtcInMilliseconds() throws Exception {
    HttpResponse<byte[]> response = get("/time");
    assertThat(text(response)).isEqualTo("2026-11-21T10:00:00.007Z");
    assertThat(field(response, "cache-control")).isEqualTo("no-store");
  }

  @ParameterizedTest
  @CsvSource({
    "/, text/html",
    "/watch/show, text/html",
    "/watch/app/show, text/html",
    "/ui/app.css, text/css",
    "/ui/watch.js, text/javascript",
    "/ui/vendor/hls.min.js, text/javascript",
    "/ui/icon.svg, image/svg+xml",
  })
  void pagesAreServedUnderAStrictPolicy(String path, String type) throws Exception {
    HttpResponse<byte[]> response = get(path, "Accept-Encoding", "gzip");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(field(response, "content-type")).startsWith(type);
    String policy = field(response, "content-security-policy");
    assertThat(policy).contains("default-src").doesNotContain("unsafe").doesNotContain("http");
    assertThat(field(response, "x-content-type-options")).isEqualTo("nosniff");
    String etag = field(response, "etag");
    HttpResponse<byte[]> again = get(path, "Accept-Encoding", "gzip", "If-None-Match", etag);
    assertThat(again.statusCode()).isEqualTo(304);
  }

  @Test
  void indexListsStreamsWithTheirViewers() throws Exception {
    stream("show").grown(3);
    get("/live/show/720p/media.m3u8", "User-Agent", "one");
    get("/live/show/720p/media.m3u8", "User-Agent", "one");
    get("/live/show/audio/media.m3u8", "User-Agent", "one");
    get("/live/show/720p/media.m3u8", "User-Agent", "two");
    get("/live/nobody/720p/media.m3u8", "User-Agent", "three");
    String json = text(get("/streams.json"));
    assertThat(json)
        .contains("\"path\":\"live/show\"", "\"since\":\"2026-11-21T10:00:00Z\"")
        .contains("\"width\":1280", "\"codec\":\"avc1.64001f\"", "\"codec\":\"av01.0.05M.08\"")
        .contains("\"viewers\":2");
  }
}
