package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Playback;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * ffmpeg pushes; Chromium plays parts and growing segments close to the live edge.
 *
 * <p>Shaka plays DASH here only: of HLS in parts, version 5.2.12 appends the first part ahead of
 * the init segment when the part is the quicker of the two, as it often is on loopback.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Isolated
class LowLatencyPlaybackTest {
  private static final Duration LENGTH = Duration.ofSeconds(15);

  /** Less than three whole segments of two seconds, which is where other players stand. */
  private static final double MAX_LATENCY_SECONDS = 4;

  private Browser browser;
  private RunningServer server;
  private Program publisher;

  @BeforeAll
  void publish(@TempDir Path folder) {
    browser = Browser.require();
    server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
    publisher =
        Publisher.ffmpegEncode(
            Publisher.testPicture(640, 360, 30),
            Publisher.h264(30, 600),
            server.rtmp("/live/close"));
    server.hls("close").record(4, Duration.ofSeconds(60));
  }

  @AfterAll
  void stop() {
    if (publisher != null) {
      publisher.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "WATCH, /watch/close",
    "HLS,   /live/close/master.m3u8",
    "SHAKA, /live/close/manifest.mpd",
    "DASH,  /live/close/manifest.mpd",
  })
  void playsCloseToTheLiveEdgeWithoutAStall(Player player, String path) {
    URI url = server.https(path);
    Playback playback = browser.play(Request.of(player, url, Codec.H264, LENGTH).inLowLatency());

    System.out.printf("%s %s: %.2f s behind%n", player, path, playback.latencySeconds());
    assertThat(playback.errors()).as(playback.json()).isEmpty();
    assertThat(playback.longestStallMs()).as(playback.json()).isLessThan(1_000);
    assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(LENGTH.toSeconds() - 3);
    assertThat(playback.latencySeconds()).as(playback.json()).isLessThan(MAX_LATENCY_SECONDS);
  }
}
