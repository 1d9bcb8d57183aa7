package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Playback;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ffmpeg is stopped where it is, its connection open, and goes on after some seconds. */
class SourceStallTest {
  private static final Duration STALL = Duration.ofSeconds(6);
  private static final Duration WATCHED = Duration.ofSeconds(15);

  /** Shaka gives a silent connection up after five seconds. */
  private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(5);

  @TempDir Path folder;

  @Test
  void lowLatencyPlayersWaitForAStalledSourceAndGoOn() {
    Browser browser = Browser.require();
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
        Program publisher =
            Publisher.ffmpegEncode(
                Publisher.testPicture(640, 360, 30),
                Publisher.h264(30, 600),
                server.rtmp("/live/stall"))) {
      server.hls("stall").record(2, Duration.ofSeconds(60));
      URI master = server.https("/live/stall/master.m3u8");
      Request request = Request.of(Player.HLS, master, Codec.H264, WATCHED).inLowLatency();
      try (Browser.Viewer viewer = browser.start(request).awaitPlaying()) {
        publisher.freeze();
        askUntilOver(server.https("/live/stall/source/media.m3u8"));
        publisher.unfreeze();
        Playback playback = viewer.finish();

        assertThat(playback.errors()).as(playback.json()).isEmpty();
        assertThat(playback.longestStallMs())
            .as(playback.json())
            .isGreaterThan(STALL.toMillis() / 2.0)
            .isLessThan(STALL.toMillis() + 4_000.0);
        double waited = playback.stalls().stream().mapToDouble(ms -> ms / 1_000).sum();
        assertThat(playback.playedSeconds() + waited)
            .as(playback.json())
            .isGreaterThan(WATCHED.toSeconds() - 3);
        assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(4);
      }
    }
  }

  /** Whoever waits for the next part is told in time that it does not come. */
  private static void askUntilOver(URI playlist) {
    long endNanos = System.nanoTime() + STALL.toNanos();
    boolean told = false;
    while (System.nanoTime() < endNanos) {
      HlsPlaylist.Media now = HlsPlaylist.media(playlist, Web.text(playlist));
      URI next =
          playlist.resolve(
              "media.m3u8?_HLS_msn=" + now.openSequence() + "&_HLS_part=" + now.openParts());
      long askedNanos = System.nanoTime();
      HttpResponse<byte[]> answer = Web.get(next);
      Duration waited = Duration.ofNanos(System.nanoTime() - askedNanos);
      assertThat(waited).isLessThan(CLIENT_PATIENCE);
      if (answer.statusCode() != 200) {
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("retry-after")).hasValue("1");
        told = true;
      }
    }
    assertThat(told).isTrue();
  }
}
