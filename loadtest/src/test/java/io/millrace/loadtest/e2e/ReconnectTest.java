package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Playback;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The publisher's plug is pulled again and again; numbers and dates go on, and so does a viewer.
 */
class ReconnectTest {
  private static final int PULLS = Effort.of(7, 20);
  private static final long SEED = 20_261_121;

  @TempDir Path folder;

  @Test
  void pulledPlugsKeepNumbersDatesAndARunningPlayer() {
    Browser browser = Browser.require();
    Random random = new Random(SEED);
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH)) {
      HlsClient stream = server.hls("plug");
      Program publisher = publish(server);
      try {
        stream.awaitVariants(1, Duration.ofSeconds(30));
        Request request =
            Request.of(
                Player.WATCH, server.https("/watch/plug"), Codec.H264, Duration.ofMinutes(8));
        try (Browser.Viewer viewer = browser.start(request).awaitPlaying()) {
          for (int pull = 0; pull < PULLS; pull++) {
            // Any byte may be the last: the instant of the kill is random over two GOPs.
            reloadUntil(stream, Instant.now().plusMillis(1500 + random.nextInt(4000)));
            publisher.kill();
            publisher = publish(server);
            awaitNewSegment(stream);
          }
          stream.record(
              stream.videoTracks().getFirst().segments().size() + 6, Duration.ofSeconds(40));
          Playback playback = viewer.stop();

          assertThat(Conformance.check(stream)).isEmpty();
          HlsClient.Track video = stream.videoTracks().getFirst();
          assertThat(video.segments().lastKey() - video.segments().firstKey() + 1)
              .as("every sequence number was seen")
              .isEqualTo(video.segments().size());
          assertThat(playback.page()).as(playback.json()).containsEntry("state", "playing");
          assertThat(playback.errors()).as(playback.json()).isEmpty();
          assertThat(playback.playedSeconds())
              .as(playback.json())
              .isGreaterThan(playback.wallSeconds() * 0.5);
        }
      } finally {
        publisher.close();
      }
      assertThat(server.isAlive()).as(server.log()).isTrue();
    }
  }

  private static Program publish(RunningServer server) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(320, 180, 30), Publisher.h264(30, 300), server.rtmp("/live/plug"));
  }

  private static void reloadUntil(HlsClient stream, Instant end) {
    Await.until(
        "the next pull",
        Duration.ofSeconds(30),
        () -> {
          stream.reload();
          return Instant.now().isAfter(end);
        });
  }

  private static void awaitNewSegment(HlsClient stream) {
    long newest = newest(stream);
    Await.until(
        "a segment after the publisher came back",
        Duration.ofSeconds(30),
        () -> {
          stream.reload();
          return newest(stream) > newest;
        });
  }

  /** The newest sequence number that has media. */
  private static long newest(HlsClient stream) {
    return stream.videoTracks().getFirst().segments().values().stream()
        .filter(fetched -> !fetched.entry().gap())
        .mapToLong(fetched -> fetched.entry().sequence())
        .max()
        .orElse(-1);
  }
}
