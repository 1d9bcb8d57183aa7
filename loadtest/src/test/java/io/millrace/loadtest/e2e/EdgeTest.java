package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.publish.TestClip;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** An origin with a publisher, an edge before it, and many viewers. */
@Isolated
class EdgeTest {
  private static final int VIEWERS = 1_000;
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final String FOLDER = "/live/edge/source/";

  @TempDir Path folder;

  /** Parts of three target durations are listed, and those of the segment that grows. */
  private static final int FIRST_IN_PARTS = 5;

  private final Loops loops = Loops.open(1, "edge-test");
  private final HttpClient viewers =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private RunningServer origin;
  private RunningServer edge;
  private ClipPublisher publisher;

  @BeforeEach
  void start() throws Exception {
    origin = RunningServer.start(folder.resolve("origin"), RunningServer.PASSTHROUGH);
    String more =
        """
        role: edge
        origins: [ "https://127.0.0.1:%d" ]
        edge: { ca: "%s" }
        """
            .formatted(
                origin.port("https"), folder.resolve("origin").resolve("data/self-signed.crt"));
    edge =
        RunningServer.start(
            folder.resolve("edge"), RunningServer.PASSTHROUGH, Map.of("*/*", List.of()), more);
    FlvClip clip =
        TestClip.make(
            TestSourceSettings.hd(Instant.EPOCH).withSize(320, 180, 300_000),
            Duration.ofSeconds(4));
    publisher =
        ClipPublisher.start(
                loops, RtmpTarget.parse(origin.rtmp("/live/edge").toString()), null, clip)
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    publisher.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
    edge.kill();
    origin.kill();
    viewers.close();
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Requests that the origin's viewers made, an edge's checks left out. */
  private long originRequests() {
    return Web.text(origin.admin("/metrics"))
        .lines()
        .filter(line -> line.startsWith("millrace_http_requests_total{"))
        .filter(line -> line.contains("listener=\"public\"") && !line.contains("route=\"time\""))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private HlsPlaylist.Media playlist(String query) {
    URI uri = edge.https(FOLDER + "media.m3u8" + query);
    return HlsPlaylist.media(uri, Web.text(uri));
  }

  private boolean begun() {
    return playlist("").openSequence() >= FIRST_IN_PARTS;
  }

  /** All viewers ask at once; what they got, which is the same for all. */
  private byte[] everybody(String target) throws Exception {
    List<CompletableFuture<HttpResponse<byte[]>>> asked = new ArrayList<>();
    for (int i = 0; i < VIEWERS; i++) {
      String own = target + (target.contains("?") ? "&" : "?") + "viewer=" + i;
      asked.add(
          viewers.sendAsync(
              HttpRequest.newBuilder(edge.http(own)).timeout(LIMIT).build(),
              BodyHandlers.ofByteArray()));
    }
    byte[] first = null;
    for (CompletableFuture<HttpResponse<byte[]>> each : asked) {
      HttpResponse<byte[]> response = each.get(60, TimeUnit.SECONDS);
      assertThat(response.statusCode()).isEqualTo(200);
      first = first == null ? response.body() : first;
      assertThat(Arrays.equals(response.body(), first)).as("the same for all").isTrue();
    }
    return first;
  }

  @Test
  void manyViewersCostTheOriginOneRequestAndOutliveIt() throws Exception {
    edge.hls("edge").awaitVariants(1, LIMIT);
    // In the first segment a part's length may still be a guess, by a third of a millisecond.
    Await.until("the beginning is behind what is in parts", LIMIT, this::begun);

    long next = playlist("").openSequence() + 1; // whole, so that all have asked before it is there
    long before = originRequests();
    byte[] reloaded = everybody(FOLDER + "media.m3u8?_HLS_msn=" + next);
    assertThat(originRequests() - before).isEqualTo(1);
    HlsPlaylist.Media newest =
        HlsPlaylist.media(
            edge.https(FOLDER + "media.m3u8"), new String(reloaded, StandardCharsets.UTF_8));
    URI hint = newest.lowLatency().hint();
    assertThat(hint).isNotNull();
    everybody(hint.getPath());
    assertThat(originRequests() - before).isEqualTo(2);

    LowLatencyClient player =
        new LowLatencyClient(edge.https(FOLDER + "media.m3u8")).follow(Duration.ofSeconds(2));
    assertThat(player.problems()).as(edge.log()).isEmpty();
    assertThat(player.hintsKept()).isPositive();

    HlsPlaylist.Media last = playlist("");
    last.entries().stream().filter(it -> !it.gap()).forEach(entry -> Web.bytes(entry.uri()));
    origin.kill();
    for (int i = 0; i < 2; i++) {
      HlsPlaylist.Media stale = playlist("?_HLS_msn=" + (last.openSequence() + 1) + "&_HLS_part=0");
      assertThat(stale.openSequence()).isGreaterThanOrEqualTo(last.openSequence());
      assertThat(playlist("").entries()).isNotEmpty();
      last.entries().stream().filter(it -> !it.gap()).forEach(entry -> Web.bytes(entry.uri()));
    }
    String metrics = Web.text(edge.admin("/metrics"));
    assertThat(metrics).containsPattern("millrace_edge_requests_total\\{result=\"stale\"} [1-9]");
    assertThat(metrics).containsPattern("millrace_edge_requests_total\\{result=\"joined\"} [1-9]");
    assertThat(metrics).contains("millrace_edge_held_bytes ", "millrace_edge_evictions_total 0");
  }
}
