package io.millrace.loadtest.browser;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.e2e.LiveFolder;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** The harness itself: it sees a good stream as good and a stream that stops as a stall. */
@Isolated
class BrowserTest {
  @TempDir Path folder;

  @Test
  void playbackIsMeasuredAndAStoppedStreamIsAStall() {
    Browser browser = Browser.require();
    try (LiveFolder live = LiveFolder.start(folder)) {
      Request request = Request.of(Player.HLS, live.master(), Codec.H264, Duration.ofMinutes(1));
      try (Browser.Viewer viewer = browser.start(request).awaitPlaying()) {
        live.awaitSegments(3);
        live.stopPublishing();
        live.awaitSilence(Duration.ofSeconds(12));
        Playback playback = viewer.stop();
        assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(4);
        assertThat(playback.decodedFrames()).isGreaterThan(80);
        assertThat(playback.sizes()).containsExactly(180);
        assertThat(playback.stalls()).as(playback.json()).isNotEmpty();
        assertThat(playback.longestStallMs()).isGreaterThan(1000);
      }
    }
  }

  @Test
  void streamThatIsNotThereNeverStarts() {
    Browser browser = Browser.require();
    try (LiveFolder live = LiveFolder.start(folder)) {
      Request request =
          Request.of(
                  Player.HLS, live.master().resolve("none.m3u8"), Codec.AUTO, Duration.ofSeconds(5))
              .startingWithin(Duration.ofSeconds(6));
      Playback playback = browser.play(request);
      assertThat(playback.playedSeconds()).isZero();
      assertThat(playback.errors()).isNotEmpty();
    }
  }
}
