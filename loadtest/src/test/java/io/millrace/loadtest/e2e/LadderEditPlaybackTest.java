package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Browser.Viewer;
import io.millrace.loadtest.browser.Playback;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Rungs leave and join by the API and by another configuration while real players watch, one of
 * them the very rung that leaves.
 */
@Isolated("browsers on two cores")
class LadderEditPlaybackTest {
  /** A third browser takes more than two cores have beside all else of CI. */
  private static final List<Player> PLAYERS =
      List.of(Player.HLS, Player.DASH, Player.SHAKA).subList(0, Effort.of(2, 3));

  /** What a busy machine may hold a player up for; without its segments it stands for longer. */
  private static final double STALL_MS = 1_000;

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LADDER =
      """
      segment: 1s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: 90p, codec: h264, height: 90, bitrate: 100k }
      """;
  private static final String CHOSEN =
      """
      {
        "audio": [ { "passthrough": true } ],
        "video": [
          { "name": "source", "passthrough": true },
          { "name": "120p", "codec": "h264", "height": 120, "bitrate": "150k" }
        ]
      }
      """;

  @Test
  void playersDoNotNotice(@TempDir Path folder) {
    Browser browser = Browser.require();
    Path clip = Publisher.flashAndBeep(Ffmpeg.require(folder), 180);
    try (RunningServer server = RunningServer.start(folder, LADDER);
        Program publisher = Publisher.copy(clip, server.rtmp("/live/edited"))) {
      server.hls("edited").fedBy(publisher).awaitVariants(2, LIMIT);
      Map<Player, Viewer> viewers = new LinkedHashMap<>();
      try {
        for (Player player : PLAYERS) {
          String document = player == Player.HLS ? "master.m3u8" : "manifest.mpd";
          Request request =
              Request.of(
                      player,
                      server.https("/live/edited/" + document),
                      Codec.H264,
                      Duration.ofMinutes(3))
                  .switchingEvery(Duration.ofSeconds(3));
          viewers.put(player, browser.start(request));
        }
        viewers.values().forEach(Viewer::awaitPlaying);
        goOn(server, 4);
        put(server, CHOSEN);
        goOn(server, 8);
        put(server, "");
        goOn(server, 8);
        server.reload(
            yaml -> yaml.replace("height: 90, bitrate: 100k", "height: 64, bitrate: 60k"));
        goOn(server, 8);

        List<String> problems = new ArrayList<>();
        viewers.forEach(
            (player, viewer) -> {
              Playback playback = viewer.stop();
              if (playback.stalls().stream().anyMatch(ms -> ms > STALL_MS)
                  || !playback.jumps().isEmpty()
                  || !playback.errors().isEmpty()) {
                problems.add(player + ": " + playback.json());
              }
            });
        assertThat(problems).as(server.log()).isEmpty();
      } finally {
        viewers.values().forEach(Viewer::close);
      }
      assertThat(publisher.isAlive()).as(publisher.logText()).isTrue();
      server.kill(); // it has been looked at
    }
  }

  private static void put(RunningServer server, String ladder) {
    assertThat(
            Web.send(
                    ladder.isEmpty() ? "DELETE" : "PUT",
                    server.admin("/api/v1/streams/live/edited/ladder"),
                    ladder.isEmpty() ? "" : "application/json",
                    ladder)
                .statusCode())
        .isEqualTo(200);
  }

  private static void goOn(RunningServer server, int segments) {
    long before = open(server);
    Await.until(segments + " segments", LIMIT, () -> open(server) >= before + segments);
  }

  private static long open(RunningServer server) {
    String text = Web.text(server.https("/live/edited/source/media.m3u8"));
    return HlsPlaylist.media(server.https("/live/edited/source/media.m3u8"), text).openSequence();
  }
}
