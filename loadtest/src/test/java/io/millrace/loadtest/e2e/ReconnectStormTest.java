package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Publishers over RTMP and SRT that are killed every second, in turns of a seeded random length:
 * what viewers get has the numbers, dates and pictures of one stream. Replays with {@code
 * -Dmillrace.seed=N}.
 */
class ReconnectStormTest {
  private static final int KILLS = Effort.of(30, 200);
  private static final int FRAMES_PER_SECOND = 30;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String HALF_SECOND_SEGMENTS =
      """
      segment: 500ms
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
      """;

  @TempDir Path folder;

  @Test
  void killsLoseNothingButWhatWasInFlight() throws Exception {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    Random random = new Random(seed);
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = clip(ffmpeg);
    FlvClip flv = FlvClip.read(clip);
    Loops loops = Loops.open(1, "publisher");
    try (RunningServer server =
        RunningServer.start(
            folder,
            HALF_SECOND_SEGMENTS,
            "window: 120s",
            "grace: 30s",
            "publish: { on_conflict: takeover }")) {
      HlsClient stream = server.hls("storm");
      long publishedMs = 0;
      int changes = 1; // the last publisher may be of the other kind
      boolean rtmp = true;
      String session = "";
      for (int kill = 0; kill < KILLS; kill++) {
        long lifeMs = 300 + random.nextInt(700);
        boolean before = rtmp;
        rtmp = random.nextBoolean();
        changes += rtmp == before ? 0 : 1;
        if (rtmp) {
          ClipPublisher publisher = publish(loops, server, flv);
          session = awaitOnAir(server, session);
          follow(stream, lifeMs);
          publisher.abort().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } else {
          URI target = server.srt("publish:live/storm");
          try (Program publisher = Publisher.transportStream(ffmpeg.program(), clip, target)) {
            session = awaitOnAir(server, session);
            follow(stream, lifeMs);
            publisher.kill();
          }
        }
        publishedMs += lifeMs;
      }
      ClipPublisher last = publish(loops, server, flv);
      long done = newest(stream) + 4;
      Await.until(
          "the stream goes on",
          LIMIT,
          () -> {
            stream.reload();
            return newest(stream) >= done;
          });
      last.stop().toCompletableFuture().join();

      assertThat(Conformance.check(stream, LIMIT)).as("seed " + seed).isEmpty();
      for (HlsClient.Track track : stream.tracks()) {
        assertThat(track.segments().lastKey() - track.segments().firstKey() + 1)
            .as("seed %d: %s: every sequence number was seen", seed, track.name())
            .isEqualTo(track.segments().size());
        assertThat(track.discontinuities())
            .as("seed %d: %s: only where RTMP and MPEG-TS differ", seed, track.name())
            .hasSizeLessThanOrEqualTo(changes);
        assertThat(ffmpeg.decode(track)).as("seed " + seed).isEmpty();
      }
      onlyWhatWasInFlightIsLost(ffmpeg, clip, stream, publishedMs, seed);
      assertThat(server.isAlive()).as(server.log()).isTrue();
      assertThat(server.log()).doesNotContain("LEAK");
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  /** Every picture is one of the clip's, whole; and most of what was sent is there. */
  private static void onlyWhatWasInFlightIsLost(
      Ffmpeg ffmpeg, Path clip, HlsClient stream, long publishedMs, long seed) {
    Set<String> pushed = new HashSet<>(ffmpeg.slices(clip, "h264"));
    List<String> got = new ArrayList<>();
    for (HlsClient.Track piece : stream.videoTracks().getFirst().pieces()) {
      got.addAll(ffmpeg.slices(ffmpeg.file(piece), "h264"));
    }
    assertThat(pushed).as("seed " + seed).containsAll(got);
    long sent = publishedMs * FRAMES_PER_SECOND / 1000;
    assertThat(got.size()).as("seed %d: of about %d", seed, sent).isGreaterThan((int) (sent * 0.9));
  }

  private static ClipPublisher publish(Loops loops, RunningServer server, FlvClip clip)
      throws InterruptedException, ExecutionException, TimeoutException {
    return ClipPublisher.start(
            loops, RtmpTarget.parse(server.rtmp("/live/storm").toString()), null, clip)
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  /** Waits until another session than that is on air; returns its id. */
  private static String awaitOnAir(RunningServer server, String session) {
    return Await.value(
        "the next publisher on air",
        LIMIT,
        () ->
            Optional.ofNullable(Json.object(server.stream("storm").get("publisher")))
                .filter(publisher -> Boolean.TRUE.equals(publisher.get("onAir")))
                .map(publisher -> String.valueOf(publisher.get("id")))
                .filter(id -> !id.equals(session)));
  }

  /** Reads the playlists until it is time for the next kill. */
  private static void follow(HlsClient stream, long lifeMs) {
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(lifeMs);
    Await.until(
        "the next kill",
        LIMIT,
        () -> {
          if (stream.isListed()) {
            stream.reload();
          }
          return System.nanoTime() > endNanos;
        });
  }

  private static long newest(HlsClient stream) {
    return stream.videoTracks().getFirst().segments().lastKey();
  }

  private static Path clip(Ffmpeg ffmpeg) {
    return ffmpeg.make(
        "clip.flv",
        List.of(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=320x180:r=" + FRAMES_PER_SECOND + ":d=10",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=300:sample_rate=48000:d=10",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-bf",
            "2",
            "-g",
            "15",
            "-sc_threshold",
            "0",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-b:a",
            "64k"));
  }
}
