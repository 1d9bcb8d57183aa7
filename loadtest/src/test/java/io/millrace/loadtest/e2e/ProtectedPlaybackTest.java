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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Encrypted streams play in Chromium through EME Clear Key, and over changes of the key: the
 * periods are shorter than what is played.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Isolated
class ProtectedPlaybackTest {
  private static final Duration LENGTH = Duration.ofSeconds(14);
  private static final String LADDER =
      """
      segment: 2s
      part: off
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: av1-180p, codec: av1, height: 180, bitrate: 150k }
      """;

  private Browser browser;
  private RunningServer server;
  private Program cbcs;
  private Program cenc;

  @BeforeAll
  void publish(@TempDir Path folder) {
    browser = Browser.require();
    server =
        RunningServer.start(
            folder,
            LADDER,
            Map.of(
                "live/cbcs", List.of("protect: { scheme: cbcs, rotate: 10s }"),
                "live/cenc", List.of("protect: { scheme: cenc, rotate: 10s }")));
    cbcs = publish("cbcs");
    cenc = publish("cenc");
    server.hls("cbcs").awaitVariants(2, Duration.ofSeconds(40));
    server.hls("cenc").awaitVariants(2, Duration.ofSeconds(40));
  }

  private Program publish(String name) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(320, 240, 30), Publisher.h264(30, 300), server.rtmp("/live/" + name));
  }

  @AfterAll
  void stop() {
    for (Program publisher : new Program[] {cbcs, cenc}) {
      if (publisher != null) {
        publisher.close();
      }
    }
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HLS,   cbcs, master.m3u8,  H264",
    "SHAKA, cbcs, manifest.mpd, AV1",
    "SHAKA, cenc, manifest.mpd, H264",
    "DASH,  cenc, manifest.mpd, AV1",
  })
  void playsOverChangesOfTheKey(Player player, String name, String document, Codec codec) {
    URI url = server.http("/live/" + name + "/" + document);
    Playback playback =
        browser.play(
            Request.of(player, url, codec, LENGTH)
                .licensedBy(server.http("/live/" + name + "/keys")));

    assertThat(playback.errors()).as(playback.json()).isEmpty();
    assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(LENGTH.toSeconds() - 3);
    assertThat(playback.decodedFrames()).as(playback.json()).isGreaterThan(30 * 10);
    assertThat(playback.levels())
        .as(playback.json())
        .allMatch(level -> level.isAv1() == (codec == Codec.AV1));
  }
}
