package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.publish.TestClip;
import io.millrace.media.Rational;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * An origin that is away for a while, and viewers of an edge who see no error of it: the way is
 * cut, then the origin is killed and comes back with its window; for ten seconds each, and once
 * more without a word, with {@code -Dmillrace.thorough=true}.
 */
@Isolated
class EdgeOutageTest {
  private static final int AWAY_S = Effort.of(2, 10);
  private static final boolean SILENT_TOO = Effort.of(0, 1) == 1;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LADDER =
      RunningServer.PASSTHROUGH.replace("segment: 2s", "segment: 1s\npart: 200ms");
  private static final String[] POLICY = {"dvr: 10m", "window: 40s", "grace: 30s"};

  @TempDir Path folder;

  private final Loops loops = Loops.open(1, "outage-test");
  private FlvClip clip;
  private RunningServer origin;
  private CutRelay relay;
  private RunningServer edge;
  private ClipPublisher publisher;

  @BeforeEach
  void start() throws Exception {
    clip =
        TestClip.make(
            TestSourceSettings.hd(Instant.EPOCH)
                .withSize(320, 180, 300_000)
                .withFrameRate(new Rational(30, 1), 30, false),
            Duration.ofSeconds(4));
    origin = RunningServer.start(folder.resolve("origin"), LADDER, POLICY);
    relay = CutRelay.before(origin.port("https"));
    String more =
        """
        role: edge
        origins: [ "https://127.0.0.1:%d" ]
        edge: { ca: "%s", stale: 2m }
        """
            .formatted(relay.port(), origin.dataDir().resolve("self-signed.crt"));
    edge = RunningServer.start(folder.resolve("edge"), LADDER, Map.of("*/*", List.of()), more);
    publish();
  }

  private void publish() throws Exception {
    publisher =
        ClipPublisher.start(
                loops, RtmpTarget.parse(origin.rtmp("/live/away").toString()), null, clip)
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    publisher.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
    edge.kill();
    origin.kill();
    relay.close();
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @Test
  void viewersWithinTheWindowSeeNoErrorWhileTheOriginIsAway() throws Exception {
    edge.hls("away").awaitVariants(1, LIMIT);
    OutageViewer viewer = new OutageViewer(edge.https("/live/away/source/media.m3u8")).start();
    watched(viewer, 2);
    if (SILENT_TOO) {
      cut(viewer, CutRelay.Way.SILENT);
    }
    cut(viewer, CutRelay.Way.REFUSED);

    viewer.whenIdle(origin::kill).get(60, TimeUnit.SECONDS);
    long before = viewer.reached();
    pass(AWAY_S);
    origin = origin.killAndRestart(LADDER, POLICY);
    publish();
    Await.until("it goes on", LIMIT, () -> viewer.reached() > before + AWAY_S);
    watched(viewer, 2);
    viewer.stop();
    assertThat(viewer.settle().problems()).as(edge.log()).isEmpty();
    assertThat(viewer.gaps()).as("only what was never made").allMatch(gap -> gap >= before);
    assertThat(Web.text(edge.admin("/metrics")))
        .containsPattern("millrace_edge_origin_failures_total [1-9]");
  }

  /** The origin goes on behind the cut: nothing of it is missing afterwards, not even a part. */
  private void cut(OutageViewer viewer, CutRelay.Way way) {
    long refused = viewer.hintsRefused();
    relay.become(way);
    long before = viewer.reached();
    pass(AWAY_S);
    assertThat(viewer.reached()).as("nothing came").isLessThanOrEqualTo(before + 1);
    relay.become(CutRelay.Way.OPEN);
    Await.until("it catches up", LIMIT, () -> viewer.reached() >= before + AWAY_S);
    watched(viewer, 1);
    assertThat(viewer.problems()).as("%s%n%s", way, edge.log()).isEmpty();
    assertThat(viewer.hintsRefused()).isEqualTo(refused);
  }

  private void watched(OutageViewer viewer, int more) {
    long before = viewer.segmentsRead();
    Await.until(
        more + " more segments",
        LIMIT,
        () -> viewer.segmentsRead() >= before + more || !viewer.problems().isEmpty());
    assertThat(viewer.problems()).as(edge.log()).isEmpty();
  }

  private static void pass(int seconds) {
    long endNanos = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    Await.until("time passes", LIMIT, () -> System.nanoTime() - endNanos > 0);
  }
}
