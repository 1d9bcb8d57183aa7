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

/** ffmpeg pushes; Chromium plays HLS and DASH, H.264 and AV1, without a stall, switching rungs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Isolated
class PlaybackTest {
  private static final Duration LENGTH = Duration.ofSeconds(Effort.of(11, 60));
  private static final Duration SWITCH_EVERY = Duration.ofSeconds(3);

  private Browser browser;
  private RunningServer server;
  private Program publisher;

  @BeforeAll
  void publish(@TempDir Path folder) {
    browser = Browser.require();
    server = RunningServer.start(folder, RunningServer.LADDER);
    publisher =
        Publisher.ffmpegEncode(
            Publisher.testPicture(640, 360, 30),
            Publisher.h264(30, 600),
            server.rtmp("/live/play"));
    server.hls("play").awaitVariants(4, Duration.ofSeconds(40));
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
    "HLS,   master.m3u8,  H264",
    "HLS,   master.m3u8,  AV1",
    "SHAKA, manifest.mpd, H264",
    "SHAKA, manifest.mpd, AV1",
    "SHAKA, master.m3u8,  H264",
    "DASH,  manifest.mpd, H264",
    "DASH,  manifest.mpd, AV1",
  })
  void playsWithoutAStallAndSwitchesRungs(Player player, String document, Codec codec) {
    URI url = server.https("/live/play/" + document);
    Playback playback =
        browser.play(Request.of(player, url, codec, LENGTH).switchingEvery(SWITCH_EVERY));

    assertThat(playback.errors()).as(playback.json()).isEmpty();
    assertThat(playback.stalls()).as(playback.json()).isEmpty();
    assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(LENGTH.toSeconds() - 2);
    assertThat(playback.decodedFrames())
        .as(playback.json())
        .isGreaterThan((int) LENGTH.toSeconds() * 25);
    assertThat(playback.levels())
        .as(playback.json())
        .allMatch(level -> level.isAv1() == (codec == Codec.AV1));
    assertThat(playback.switchesAsked()).isGreaterThanOrEqualTo(3);
    assertThat(playback.sizes().stream().distinct().count())
        .as(playback.json())
        .isGreaterThanOrEqualTo(2);
  }
}
