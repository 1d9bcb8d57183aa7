package io.millrace.loadtest.overload;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.millrace.loadtest.overload.PartViewer.Watched;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PartViewerTest {
  private static final String HEAD =
      """
      #EXTM3U
      #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=6.0,PART-HOLD-BACK=1.5
      #EXT-X-PART-INF:PART-TARGET=0.5
      """;

  private static String part(String name, String more) {
    return "#EXT-X-PART:DURATION=0.5,URI=\"" + name + ".m4s\"" + more + "\n";
  }

  /**
   * Two parts; then a gap, a segment that is none, and one that is not listed in parts any more.
   */
  private static String playlist(String query) {
    return switch (query) {
      case "" -> HEAD + "#EXT-X-MEDIA-SEQUENCE:5\n" + part("5-0", "") + part("5-1", "");
      case "_HLS_msn=5&_HLS_part=2" ->
          HEAD
              + "#EXT-X-MEDIA-SEQUENCE:5\n"
              + part("5-0", "")
              + part("5-1", "")
              + part("5-2", ",GAP=YES")
              + part("5-3", "")
              + "#EXTINF:2.0,\nseg-5.m4s\n"
              + "#EXT-X-GAP\n#EXTINF:2.0,\nseg-6.m4s\n"
              + "#EXTINF:2.0,\nseg-7.m4s\n"
              + part("8-0", "");
      default -> HEAD + "#EXT-X-MEDIA-SEQUENCE:10\n#EXTINF:1.0,\nseg-10.m4s\n#EXT-X-ENDLIST\n";
    };
  }

  @Test
  void countsWhatComesAndWhatDoesNot() throws IOException, InterruptedException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    CountDownLatch last = new CountDownLatch(1);
    server.createContext(
        "/live/a/360p/",
        exchange -> {
          String query = exchange.getRequestURI().getQuery();
          boolean media = exchange.getRequestURI().getPath().endsWith(".m4s");
          byte[] body =
              media
                  ? new byte[10]
                  : playlist(query == null ? "" : query).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
          if (exchange.getRequestURI().getPath().endsWith("seg-10.m4s")) {
            last.countDown();
          }
        });
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      server.setExecutor(threads);
      server.start();
      PartViewer viewer = new PartViewer(server.getAddress(), "/live/a/360p/");
      Thread running = Thread.ofVirtual().start(viewer);
      assertThat(last.await(20, TimeUnit.SECONDS)).isTrue();
      while (viewer.seen().parts() < 6) {
        Thread.onSpinWait();
      }
      Watched seen = viewer.stop();
      running.join();
      assertThat(seen.parts()).as("5-0 5-1 5-3 seg-7 8-0 seg-10").isEqualTo(6);
      assertThat(seen.missing())
          .as("5-2, four of segment 6, and what went by between 8-0 and segment 10")
          .isGreaterThanOrEqualTo(6);
      assertThat(seen.errors()).isZero();
      assertThat(viewer.misses().getFirst())
          .extracting(PartViewer.Miss::sequence, PartViewer.Miss::parts, PartViewer.Miss::why)
          .containsExactly(5L, 1L, "a gap");
      assertThat(viewer.misses().get(1))
          .extracting(PartViewer.Miss::sequence, PartViewer.Miss::parts, PartViewer.Miss::why)
          .containsExactly(6L, 4L, "a gap");
      assertThat(viewer.stop()).as("nothing is counted later").isEqualTo(seen);
    } finally {
      server.stop(0);
    }
  }
}
