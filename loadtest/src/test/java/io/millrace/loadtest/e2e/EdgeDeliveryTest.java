package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.TestClip;
import io.millrace.media.Rational;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What viewers get through an edge as it runs: a live stream of one origin, and objects of another
 * one that the test plays itself.
 */
@Isolated
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EdgeDeliveryTest {
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final long MEMORY_BYTES = 24L << 20;

  /** Less than what a scan shows it: an edge that kept too much would end. */
  private static final int HEAP_MIB = 192;

  private static final String LADDER =
      RunningServer.PASSTHROUGH.replace("segment: 2s", "segment: 1s\npart: 200ms");

  @TempDir static Path folder;

  private final Loops loops = Loops.open(1, "edge-delivery");
  private final HttpClient plain =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final PlayedOrigin played = new PlayedOrigin(loops);
  private RunningServer origin;
  private RunningServer edge;
  private ClipPublisher publisher;

  @BeforeAll
  void start() throws Exception {
    origin = RunningServer.start(folder.resolve("origin"), LADDER, "window: 40s");
    String more =
        """
        role: edge
        origins: [ "https://127.0.0.1:%d", "http://127.0.0.1:%d" ]
        edge: { ca: "%s", memory: %dMiB }
        """
            .formatted(
                origin.port("https"),
                played.listen(),
                origin.dataDir().resolve("self-signed.crt"),
                MEMORY_BYTES >> 20);
    edge = RunningServer.startSmall(folder.resolve("edge"), LADDER, more, HEAP_MIB);
    publisher =
        ClipPublisher.start(
                loops,
                RtmpTarget.parse(origin.rtmp("/live/edge").toString()),
                null,
                TestClip.make(
                    TestSourceSettings.hd(Instant.EPOCH)
                        .withSize(320, 180, 300_000)
                        .withFrameRate(new Rational(30, 1), 30, false),
                    Duration.ofSeconds(4)))
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    edge.hls("edge").awaitVariants(1, LIMIT);
  }

  @AfterAll
  void stop() throws Exception {
    publisher.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
    edge.kill();
    origin.kill();
    played.close();
    plain.close();
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private HlsPlaylist.Media playlist(RunningServer server, String query) {
    URI uri = server.https("/live/edge/source/media.m3u8" + query);
    return HlsPlaylist.media(uri, Web.text(uri));
  }

  private long metric(String name) {
    return Web.text(edge.admin("/metrics"))
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }

  private HttpResponse<byte[]> ask(String method, String path, String... fields) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(edge.http(path))
            .timeout(LIMIT)
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (fields.length > 0) {
      request.headers(fields);
    }
    return plain.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** The segment of which a playlist has parts, by the name that the manifest gives it. */
  private String growing(HlsPlaylist.Media begun) {
    HlsPlaylist.Entry last = begun.entries().getLast();
    Matcher name = Pattern.compile("(.*-)(\\d+)(\\.m4s)").matcher(last.uri().getPath());
    assertThat(name.matches()).as(last.uri().getPath()).isTrue();
    assertThat(Web.text(edge.https("/live/edge/manifest.mpd")))
        .contains("availabilityTimeOffset=", "availabilityTimeComplete=\"false\"");
    return name.group(1) + Boxes.media(Web.bytes(last.uri())).endTicks() + name.group(3);
  }

  /** Every byte that a viewer has is one that the test has made so far, and each is let go on. */
  @Test
  void whatGrowsReachesAllViewersWhileItGrows() throws Exception {
    String path = PlayedOrigin.FOLDER + "grows";
    List<byte[]> made = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      made.add(PlayedOrigin.bytes(3_000 + i, i));
    }
    played.grow(made.get(0));
    try (ChunkReader first = new ChunkReader(edge.port("http"), path)) {
      assertThat(first.head).contains("transfer-encoding: chunked");
      assertThat(first.read(made.get(0).length)).isEqualTo(made.get(0));
      played.grow(made.get(1));
      assertThat(first.read(made.get(1).length)).isEqualTo(made.get(1));
      HttpResponse<InputStream> second = Web.stream(edge.https(path));
      assertThat(second.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(second.headers().firstValue("content-length")).isEmpty();
      assertThat(second.body().readNBytes(made.get(0).length)).isEqualTo(made.get(0));
      assertThat(second.body().readNBytes(made.get(1).length)).isEqualTo(made.get(1));
      played.grow(made.get(2));
      try (ChunkReader late = new ChunkReader(edge.port("http"), path)) {
        for (int i = 0; i < 3; i++) {
          assertThat(late.read(made.get(i).length)).isEqualTo(made.get(i));
        }
        assertThat(second.body().readNBytes(made.get(2).length)).isEqualTo(made.get(2));
        played.grow(made.get(3));
        played.finish();
        late.readToEnd();
        first.readToEnd();
        assertThat(second.body().readAllBytes()).isEqualTo(made.get(3));
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        made.forEach(whole::writeBytes);
        for (ChunkReader reader : List.of(first, late)) {
          assertThat(reader.all.toByteArray()).isEqualTo(whole.toByteArray());
        }
        HttpResponse<byte[]> after = ask("GET", path);
        assertThat(after.headers().firstValueAsLong("content-length")).hasValue(whole.size());
      }
    }
    assertThat(played.asked(path)).isEqualTo(1);
  }

  /** The same with what a server makes of a live stream, as often as it takes to be in time. */
  @Test
  void segmentsOfALiveStreamAreSentWhileTheyGrow() {
    Await.until("a segment is caught while it grows", LIMIT, this::caughtGrowing);
    assertThat(Web.text(origin.admin("/metrics")))
        .containsPattern(
            "millrace_http_requests_total\\{(?=[^}]*protocol=\"http2\")[^}]*route=\"segment\"");
  }

  private boolean caughtGrowing() {
    long open = playlist(edge, "").openSequence() + 1;
    String segment = growing(playlist(edge, "?_HLS_msn=" + open + "&_HLS_part=0"));
    try (ChunkReader reader = new ChunkReader(edge.port("http"), segment)) {
      if (!reader.head.contains("transfer-encoding: chunked")) {
        return false;
      }
      reader.read(1);
      boolean early = playlist(origin, "").openSequence() == open;
      reader.readToEnd();
      assertThat(reader.all.toByteArray()).isEqualTo(Web.bytes(origin.https(segment)));
      return early;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aLengthThatIsKnownIsAnnouncedAndWhatBreaksOffGoesOn() throws Exception {
    String path = PlayedOrigin.FOLDER + "known";
    int half = PlayedOrigin.KNOWN_BYTES / 2;
    HttpResponse<InputStream> viewer =
        plain.send(
            HttpRequest.newBuilder(edge.http(path)).timeout(LIMIT).build(),
            BodyHandlers.ofInputStream());
    assertThat(viewer.headers().firstValueAsLong("content-length"))
        .hasValue(PlayedOrigin.KNOWN_BYTES);
    assertThat(viewer.headers().firstValue("transfer-encoding")).isEmpty();
    byte[] begun = viewer.body().readNBytes(half);
    assertThat(played.asked(path)).as("half of it is not made yet").isEqualTo(1);
    HttpResponse<InputStream> second = Web.stream(edge.https(path));
    assertThat(second.headers().firstValueAsLong("content-length"))
        .hasValue(PlayedOrigin.KNOWN_BYTES);
    HttpResponse<byte[]> head = ask("HEAD", path);
    assertThat(head.headers().firstValueAsLong("content-length"))
        .hasValue(PlayedOrigin.KNOWN_BYTES);
    HttpResponse<byte[]> range = ask("GET", path, "range", "bytes=1-3");
    assertThat(range.statusCode()).isEqualTo(206);
    assertThat(range.headers().firstValue("content-range"))
        .hasValue("bytes 1-3/" + PlayedOrigin.KNOWN_BYTES);
    played.breakOff();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(begun);
    viewer.body().transferTo(all);
    assertThat(all.toByteArray()).isEqualTo(played.content(path));
    assertThat(second.body().readAllBytes()).isEqualTo(played.content(path));
    assertThat(played.asked(path)).as("and the rest, by a range").isEqualTo(2);
    assertThat(played.ranges()).containsExactly("bytes=" + half + "-");
  }

  @Test
  void conditionsAndRangesAreAnsweredFromOneObject() throws Exception {
    String path = PlayedOrigin.FOLDER + "object";
    assertThat(ask("HEAD", path).headers().firstValueAsLong("content-length"))
        .hasValue(PlayedOrigin.OBJECT_BYTES);
    HttpResponse<byte[]> whole = ask("GET", path + "?token=a&CMCD=sid%3D1&x=y");
    assertThat(whole.body()).isEqualTo(played.content(path));
    String etag = whole.headers().firstValue("etag").orElseThrow();
    assertThat(ask("GET", path, "if-none-match", etag).statusCode()).isEqualTo(304);
    assertThat(ask("HEAD", path, "if-none-match", "\"x\", " + etag).statusCode()).isEqualTo(304);
    assertThat(ask("GET", path, "if-match", "\"other\"").statusCode()).isEqualTo(412);
    HttpResponse<byte[]> part = ask("GET", path, "range", "bytes=-5", "if-range", etag);
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).hasSize(5);
    assertThat(ask("GET", path, "range", "bytes=1-2", "if-range", "\"other\"").body())
        .hasSize(PlayedOrigin.OBJECT_BYTES);
    HttpResponse<byte[]> behind = ask("GET", path, "range", "bytes=99999999-");
    assertThat(behind.statusCode()).isEqualTo(416);
    assertThat(behind.headers().firstValue("content-range"))
        .hasValue("bytes */" + PlayedOrigin.OBJECT_BYTES);
    HttpResponse<byte[]> overHttp2 = Web.get(edge.https(path + "?x=z"), "range", "bytes=0-9");
    assertThat(overHttp2.statusCode()).isEqualTo(206);
    assertThat(overHttp2.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(played.asked(path)).isEqualTo(1);
  }

  @Test
  void whatIsNotThereIsAskedForOnceASecond() throws Exception {
    String path = PlayedOrigin.FOLDER + "none";
    List<CompletableFuture<HttpResponse<byte[]>>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(Web.ask(edge.https(path + "?viewer=" + i)));
    }
    long beginNs = System.nanoTime();
    for (CompletableFuture<HttpResponse<byte[]>> each : all) {
      assertThat(each.get(40, TimeUnit.SECONDS).statusCode()).isEqualTo(404);
    }
    assertThat(ask("HEAD", path).statusCode()).isEqualTo(404);
    long seconds = Duration.ofNanos(System.nanoTime() - beginNs).toSeconds();
    assertThat(played.asked(path)).isBetween(1, 2 + (int) seconds);
  }

  @Test
  void memoryIsBoundedUnderAScanAndLiveViewersNoticeNothing() throws Exception {
    OutageViewer live = new OutageViewer(edge.https("/live/edge/source/media.m3u8")).start();
    int objects = (int) (10 * MEMORY_BYTES / PlayedOrigin.SCAN_BYTES);
    assertThat((long) objects * PlayedOrigin.SCAN_BYTES).isGreaterThan((long) HEAP_MIB << 20);
    List<CompletableFuture<HttpResponse<byte[]>>> under = new ArrayList<>();
    long mostHeld = 0;
    for (int i = 0; i < objects; i++) {
      under.add(
          plain.sendAsync(
              HttpRequest.newBuilder(edge.http(PlayedOrigin.FOLDER + "scan-" + i))
                  .timeout(LIMIT)
                  .build(),
              BodyHandlers.ofByteArray()));
      if (under.size() == 8) {
        for (CompletableFuture<HttpResponse<byte[]>> each : under) {
          HttpResponse<byte[]> response = each.get(60, TimeUnit.SECONDS);
          assertThat(response.statusCode()).isEqualTo(200);
          assertThat(response.body()).hasSize(PlayedOrigin.SCAN_BYTES);
        }
        under.clear();
        if (i % 64 == 63) {
          mostHeld = Math.max(mostHeld, metric("millrace_edge_held_bytes"));
          assertThat(metric("millrace_direct_memory_bytes")).isLessThan(MEMORY_BYTES);
        }
      }
    }
    assertThat(mostHeld).isBetween(MEMORY_BYTES / 2, MEMORY_BYTES);
    assertThat(metric("millrace_edge_evictions_total")).isGreaterThan(objects / 2);
    Await.until("live viewers see something", LIMIT, () -> live.segmentsRead() > 2);
    live.stop();
    assertThat(live.settle().problems()).as(edge.log()).isEmpty();
  }

  /** Reads content in the chunked coding (RFC 9112 §7.1) as it comes. */
  private static final class ChunkReader implements AutoCloseable {
    final String head;
    final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private final Socket socket;
    private final InputStream in;
    private int chunkLeft;

    ChunkReader(int port, String path) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout((int) LIMIT.toMillis());
      in = socket.getInputStream();
      String request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      StringBuilder lines = new StringBuilder();
      for (String line = line(); !line.isEmpty(); line = line()) {
        lines.append(line).append('\n');
      }
      head = lines.toString();
      assertThat(head).startsWith("HTTP/1.1 200 ");
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c != '\n'; c = in.read()) {
        if (c < 0) {
          throw new IOException("ends within a line: " + line);
        }
        line.append((char) c);
      }
      return line.toString().strip();
    }

    /** Waits for so many bytes more; fewer only at the end. */
    byte[] read(int bytes) throws IOException {
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      while (read.size() < bytes && begun()) {
        byte[] some = in.readNBytes(Math.min(chunkLeft, bytes - read.size()));
        assertThat(some).isNotEmpty();
        read.writeBytes(some);
        chunkLeft -= some.length;
        if (chunkLeft == 0) {
          assertThat(line()).isEmpty();
        }
      }
      all.writeBytes(read.toByteArray());
      return read.toByteArray();
    }

    /** False behind the last chunk. */
    private boolean begun() throws IOException {
      if (chunkLeft == 0) {
        chunkLeft = Integer.parseInt(line(), 16);
      }
      return chunkLeft > 0;
    }

    void readToEnd() throws IOException {
      read(Integer.MAX_VALUE);
      assertThat(line()).isEmpty();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
