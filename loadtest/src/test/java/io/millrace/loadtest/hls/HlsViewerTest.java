package io.millrace.loadtest.hls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a small HTTP server whose files change while the viewer watches. */
@Timeout(30)
class HlsViewerTest {
  private static final String MASTER =
      """
      #EXTM3U
      #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",URI="audio/media.m3u8"
      #EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"
      video/media.m3u8
      #EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"
      other/media.m3u8
      """;

  private final Map<String, String> files = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Consumer<String> onRequest = _ -> {};
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          requests.add(path);
          onRequest.accept(path);
          String body = files.get(path);
          byte[] bytes = body == null ? new byte[0] : body.getBytes(UTF_8);
          exchange.sendResponseHeaders(
              body == null ? 404 : 200, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    executor.shutdownNow();
  }

  @Test
  void fetchesPlaylistMapAndEachSegmentOfVideoAndAudioOnce() {
    files.put("/s/master.m3u8", MASTER);
    files.put("/s/video/media.m3u8", playlist(0, 3, true));
    files.put("/s/audio/media.m3u8", playlist(0, 3, true));
    for (String track : List.of("video", "audio")) {
      files.put("/s/" + track + "/init.mp4", "init");
      for (int i = 0; i < 3; i++) {
        files.put("/s/" + track + "/seg-" + i, "1234567890");
      }
    }
    HlsViewer viewer = new HlsViewer(url("/s/master.m3u8"), 0);

    viewer.run();

    assertThat(requests)
        .containsExactlyInAnyOrder(
            "/s/master.m3u8",
            "/s/video/media.m3u8",
            "/s/video/init.mp4",
            "/s/video/seg-0",
            "/s/video/seg-1",
            "/s/video/seg-2",
            "/s/audio/media.m3u8",
            "/s/audio/init.mp4",
            "/s/audio/seg-0",
            "/s/audio/seg-1",
            "/s/audio/seg-2");
    assertThat(viewer.stats().segments()).isEqualTo(6);
    assertThat(viewer.stats().mediaBytes()).isEqualTo(60);
    assertThat(viewer.stats().errors()).isZero();
    assertThat(viewer.stats().firstSegmentUs()).isPositive();
  }

  @Test
  void startsThreeSegmentsFromTheEndAndFollowsTheWindow() {
    for (int i = 0; i < 12; i++) {
      files.put("/seg-" + i, "x");
    }
    files.put("/init.mp4", "init");
    files.put("/live.m3u8", playlist(2, 6, false));
    // The last segment of the first window moves the window on, by more than it is long.
    onRequest =
        path -> {
          if (path.equals("/seg-7")) {
            files.put("/live.m3u8", playlist(9, 2, true));
          }
        };
    HlsViewer viewer = new HlsViewer(url("/live.m3u8"), 0);

    viewer.run();

    assertThat(requests.stream().filter(path -> path.startsWith("/seg-")))
        .containsExactly("/seg-5", "/seg-6", "/seg-7", "/seg-9", "/seg-10");
    assertThat(viewer.stats().missed()).isEqualTo(1);
  }

  @Test
  void waitsForAStreamThatIsNotThereYet() {
    files.put("/init.mp4", "init");
    files.put("/seg-0", "x");
    onRequest =
        path -> {
          if (requests.size() == 3) {
            files.put("/live.m3u8", playlist(0, 1, true));
          }
        };
    HlsViewer viewer = new HlsViewer(url("/live.m3u8"), 0);

    viewer.run();

    assertThat(viewer.stats().segments()).isEqualTo(1);
    assertThat(viewer.stats().errors()).isZero();
    assertThat(viewer.stats().lastError()).isEmpty();
  }

  @Test
  void aSegmentThatIsGoneIsAnErrorAndTriedAgainWhileListed() {
    files.put("/init.mp4", "init");
    files.put("/live.m3u8", playlist(0, 1, true));
    onRequest =
        path -> {
          if (requests.stream().filter("/seg-0"::equals).count() == 2) {
            files.put("/seg-0", "x");
          }
        };
    HlsViewer viewer = new HlsViewer(url("/live.m3u8"), 0);

    viewer.run();

    assertThat(viewer.stats().errors()).isEqualTo(1);
    assertThat(viewer.stats().segments()).isEqualTo(1);
    assertThat(viewer.stats().lastError()).isEqualTo("HTTP status 404");
  }

  @Test
  void stopsBeforeTheStreamIsThere() throws InterruptedException {
    HlsViewer viewer = new HlsViewer(url("/nothing.m3u8"), 0);
    onRequest = _ -> viewer.stop();
    Thread thread = Thread.ofVirtual().start(viewer);

    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    assertThat(viewer.stats().lastError()).isEqualTo("HTTP status 404");
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private static String playlist(int sequence, int count, boolean ended) {
    StringBuilder text = new StringBuilder("#EXTM3U\n#EXT-X-TARGETDURATION:1\n");
    text.append("#EXT-X-MEDIA-SEQUENCE:").append(sequence).append('\n');
    text.append("#EXT-X-MAP:URI=\"init.mp4\"\n");
    for (int i = sequence; i < sequence + count; i++) {
      text.append("#EXTINF:1,\nseg-").append(i).append('\n');
    }
    return text.append(ended ? "#EXT-X-ENDLIST\n" : "").toString();
  }
}
