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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * ffmpeg pushes; Chromium plays parts and growing segments close to the live edge: H.264, and with
 * {@code -Dmillrace.thorough=true} for a minute each, and AV1 as well.
 *
 * <p>Shaka plays DASH here only: of HLS in parts, version 5.2.12 appends the first part ahead of
 * the init segment when the part is the quicker of the two, as it often is on loopback.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Isolated
class LowLatencyPlaybackTest {
  private static final Duration LENGTH = Duration.ofSeconds(Effort.of(12, 60));

  /**
   * Less than three whole segments of two seconds, which is where other players stand: some come
   * closer by and by, by playing faster, for which a minute is enough.
   */
  private static final double AT_FIRST_SECONDS = 4;

  private static final double HLS_SECONDS = 1.5;
  private static final double DASH_SECONDS = 1.2;

  private Browser browser;
  private RunningServer server;
  private Program publisher;
  private @Nullable Program av1;

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
    if (Effort.of(0, 1) > 0) {
      Ffmpeg bundled = Ffmpeg.bundled(folder);
      av1 =
          Publisher.enhancedRtmpLoop(
              bundled.program(),
              bundled.make("av1.mp4", av1()),
              server.rtmp("/live/av1"),
              folder.resolve("kept.flv"));
      server.hls("av1").record(4, Duration.ofSeconds(60));
    }
  }

  /** Much longer than a player plays: between two rounds of a clip there may be a seam. */
  private static List<String> av1() {
    List<String> arguments = new ArrayList<>();
    for (String word : Publisher.testPicture(640, 360, 30)) {
      arguments.add(word.replace(":r=30", ":r=30:d=360").replace("440:", "440:d=360:"));
    }
    arguments.addAll(List.of("-c:v", "libsvtav1", "-preset", "12", "-g", "60"));
    arguments.addAll(List.of("-svtav1-params", "lp=1:pred-struct=1", "-pix_fmt", "yuv420p"));
    arguments.addAll(List.of("-c:a", "aac", "-b:a", "64k"));
    return arguments;
  }

  private static Stream<Arguments> players() {
    Stream<Arguments> all = Stream.empty();
    for (Codec codec : Effort.of(0, 1) > 0 ? List.of(Codec.H264, Codec.AV1) : List.of(Codec.H264)) {
      String stream = codec == Codec.AV1 ? "av1" : "close";
      all =
          Stream.concat(
              all,
              Stream.of(
                  Arguments.of(Player.WATCH, codec, "/watch/" + stream),
                  Arguments.of(Player.HLS, codec, "/live/" + stream + "/master.m3u8"),
                  Arguments.of(Player.SHAKA, codec, "/live/" + stream + "/manifest.mpd"),
                  Arguments.of(Player.DASH, codec, "/live/" + stream + "/manifest.mpd")));
    }
    return all;
  }

  @AfterAll
  void stop() {
    if (publisher != null) {
      publisher.close();
    }
    if (av1 != null) {
      av1.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @MethodSource("players")
  void playsCloseToTheLiveEdgeWithoutAStall(Player player, Codec codec, String path) {
    URI url = server.https(path);
    Playback playback = browser.play(Request.of(player, url, codec, LENGTH).inLowLatency());

    System.out.printf("%s %s: %.2f s behind%n", player, path, playback.latencySeconds());
    assertThat(playback.errors()).as(playback.json()).isEmpty();
    assertThat(playback.longestStallMs()).as(playback.json()).isLessThan(1_000);
    assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(LENGTH.toSeconds() - 3);
    assertThat(playback.latencySeconds()).as(playback.json()).isLessThan(latencyOf(player));
  }

  private static double latencyOf(Player player) {
    if (LENGTH.toSeconds() < 60) {
      return AT_FIRST_SECONDS;
    }
    return switch (player) {
      case WATCH, HLS -> HLS_SECONDS;
      case SHAKA, DASH -> DASH_SECONDS;
    };
  }
}
