package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Browser.Viewer;
import io.millrace.loadtest.browser.Playback;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The publisher is away for a while: the last picture, then a slate; players play on. */
@Isolated
class SignalLossTest {
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final Duration AWAY = Duration.ofSeconds(8);
  private static final Duration LENGTH = Duration.ofMinutes(3);
  private static final double FRAME_SECONDS = 1.0 / 30;

  @TempDir Path folder;

  @Test
  void playersPlayThroughSlateAndBackAndSoundStaysWithItsPicture() {
    Browser browser = Browser.require();
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = Publisher.flashAndBeep(ffmpeg, 60);
    try (RunningServer server =
        RunningServer.start(
            folder,
            RunningServer.PASSTHROUGH,
            "on_signal_loss: { after: 1s, hold: 1s, then: slate, end_after: 60s }",
            "window: 90s")) {
      HlsClient stream = server.hls("loss");
      String playlist = "/live/loss/master.m3u8";
      String manifest = "/live/loss/manifest.mpd";
      try (Program first = Publisher.copy(clip, server.rtmp("/live/loss"))) {
        stream.awaitVariants(1, LIMIT).record(2, LIMIT);
        try (Viewer hls = browser.start(request(Player.HLS, server, playlist));
            Viewer shaka = browser.start(request(Player.SHAKA, server, manifest));
            Viewer dash = browser.start(request(Player.DASH, server, manifest))) {
          Map<String, Viewer> viewers = Map.of("hls.js", hls, "Shaka", shaka, "dash.js", dash);
          viewers.values().forEach(Viewer::awaitPlaying);
          awaitSegments(stream, 3);
          first.kill();
          reloadFor(stream, AWAY);
          try (Program second = Publisher.copy(clip, server.rtmp("/live/loss"))) {
            // Until the players, some segments behind, have shown what came after.
            awaitSegments(stream, 10);
            assertThat(second.isAlive()).as(second.logText()).isTrue();
            viewers.forEach((name, viewer) -> playedOn(name, viewer.stop()));
            assertThat((Double) server.stream("loss").get("filledSeconds"))
                .isBetween(AWAY.toSeconds() - 1.0, AWAY.toSeconds() + 5.0);
          }
        }
      }
      HlsClient.Track video = stream.videoTracks().getFirst();
      HlsClient.Track audio = stream.audioTrack().orElseThrow();
      assertThat(Conformance.check(stream, Duration.ofMillis(200))).as(server.log()).isEmpty();
      for (HlsClient.Track track : List.of(video, audio)) {
        assertThat(track.gaps()).as(track.name()).isEmpty();
        assertThat(track.discontinuities()).as(track.name()).hasSizeLessThanOrEqualTo(2);
        assertThat(ffmpeg.decode(track)).isEmpty();
      }
      List<Double> offsets = AvSync.offsets(video, audio, ffmpeg);
      // The flashes of the time away are missing, and nothing else.
      assertThat(offsets).hasSizeGreaterThan(15);
      assertThat(offsets.subList(0, 5)).as(offsets.toString()).allSatisfy(SignalLossTest::isInSync);
      assertThat(offsets.subList(offsets.size() - 5, offsets.size()))
          .as(offsets.toString())
          .allSatisfy(SignalLossTest::isInSync);
      assertThat(server.log()).doesNotContain("LEAK");
    }
  }

  private static void isInSync(double offset) {
    assertThat(offset).isCloseTo(0, within(FRAME_SECONDS));
  }

  private static void playedOn(String player, Playback playback) {
    assertThat(playback.errors()).as(player + " " + playback.json()).isEmpty();
    assertThat(playback.stalls()).as(player + " " + playback.json()).isEmpty();
    assertThat(playback.jumps()).as(player + " " + playback.json()).isEmpty();
    assertThat(playback.playedSeconds())
        .as(player + " " + playback.json())
        .isGreaterThan(playback.wallSeconds() - 2);
  }

  private static Request request(Player player, RunningServer server, String path) {
    return Request.of(player, server.https(path), Codec.H264, LENGTH);
  }

  private static void awaitSegments(HlsClient stream, int more) {
    stream.reload();
    stream.record(stream.videoTracks().getFirst().segments().size() + more, LIMIT);
  }

  /** How long the publisher is away is what is tested here. */
  private static void reloadFor(HlsClient stream, Duration time) {
    Instant end = Instant.now().plus(time);
    Await.until(
        "the publisher's return",
        LIMIT,
        () -> {
          stream.reload();
          return Instant.now().isAfter(end);
        });
  }
}
