package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Playback;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The server's own page: it waits for its stream, plays and switches it, and outlives the server.
 */
@Isolated
class WatchPageTest {
  @TempDir Path folder;

  private static Program publish(RunningServer server, String name) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(640, 360, 30), Publisher.h264(30, 600), server.rtmp("/live/" + name));
  }

  @Test
  void pageStartsByItselfWhenTheStreamAppears() {
    Browser browser = Browser.require();
    try (RunningServer server = RunningServer.start(folder, RunningServer.LADDER)) {
      Request request =
          Request.of(Player.WATCH, server.https("/watch/later"), Codec.AUTO, Duration.ofSeconds(18))
              .switchingEvery(Duration.ofSeconds(5))
              .startingWithin(Duration.ofSeconds(60));
      try (Browser.Viewer viewer = browser.start(request);
          Program publisher = publish(server, "later")) {
        Playback playback = viewer.finish();
        assertThat(playback.errors()).as(playback.json()).isEmpty();
        assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(14);
        assertThat(playback.longestStallMs()).as(playback.json()).isLessThan(1500);
        assertThat(playback.page()).as(playback.json()).containsEntry("state", "playing");
        assertThat(playback.levels().stream().distinct().count())
            .as(playback.json())
            .isGreaterThanOrEqualTo(2);
        assertThat(publisher.isAlive()).isTrue();
      }
    }
  }

  @Test
  void av1OnRequest() {
    Browser browser = Browser.require();
    try (RunningServer server = RunningServer.start(folder, RunningServer.LADDER);
        Program publisher = publish(server, "av1")) {
      server.hls("av1").awaitVariants(4, Duration.ofSeconds(40));
      Playback playback =
          browser.play(
              Request.of(
                  Player.WATCH, server.http("/watch/av1"), Codec.AV1, Duration.ofSeconds(10)));
      assertThat(playback.errors()).as(playback.json()).isEmpty();
      assertThat(playback.levels())
          .as(playback.json())
          .isNotEmpty()
          .allMatch(Playback.Level::isAv1);
      assertThat(playback.stalls()).as(playback.json()).isEmpty();
      assertThat(publisher.isAlive()).isTrue();
    }
  }

  @Test
  void pageGoesOnAfterTheServerWasRestarted() {
    Browser browser = Browser.require();
    RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
    try (Program before = publish(server, "again")) {
      Request request =
          Request.of(Player.WATCH, server.https("/watch/again"), Codec.AUTO, Duration.ofMinutes(2));
      try (Browser.Viewer viewer = browser.start(request).awaitPlaying()) {
        before.kill();
        server = server.restart(RunningServer.PASSTHROUGH);
        try (Program after = publish(server, "again")) {
          server.hls("again").record(8, Duration.ofSeconds(60));
          assertThat(after.isAlive()).isTrue();
        }
        Playback playback = viewer.stop();
        assertThat(Json.number(playback.page().get("starts")))
            .as(playback.json())
            .isGreaterThanOrEqualTo(2);
        assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(10);
      }
    } finally {
      server.close();
    }
  }

  @Test
  void pagesAreServedUnderAStrictPolicy() {
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH)) {
      for (String path : new String[] {"/", "/watch/x", "/watch/studio/x"}) {
        var response = Web.get(server.http(path));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type").orElse(""))
            .startsWith("text/html");
        assertThat(response.headers().firstValue("content-security-policy").orElse(""))
            .contains("default-src 'self'")
            .doesNotContain("unsafe-inline");
        String page = new String(response.body(), StandardCharsets.UTF_8);
        assertThat(page)
            .doesNotContain("style=\"")
            .doesNotContain("onclick")
            .doesNotContain("https://");
      }
      for (String asset :
          new String[] {
            "app.css", "watch.js", "index.js", "session.js", "vendor/hls.min.js", "icon.svg"
          }) {
        assertThat(Web.get(server.http("/ui/" + asset)).statusCode()).as(asset).isEqualTo(200);
      }
    }
  }
}
