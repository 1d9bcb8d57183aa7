package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Playback;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Two publishers of one stream: what viewers see while one is lost and comes back. */
@Isolated
class BackupInputTest {
  private static final Duration LIMIT = Duration.ofSeconds(40);

  /** The most that may be missing at a change of publishers. */
  private static final Duration HOLE = Duration.ofMillis(500);

  private static final double FRAME_SECONDS = 1.0 / 30;
  private static final Pattern SILENCE = Pattern.compile("no media for (\\d+) ms");

  @TempDir Path folder;

  @Test
  void playerDoesNotNoticeThatTheMainInputIsLostAndComesBack() {
    Browser browser = Browser.require();
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = Publisher.flashAndBeep(ffmpeg, 90);
    try (RunningServer server =
            RunningServer.start(
                folder,
                RunningServer.PASSTHROUGH,
                "publish: { on_conflict: backup }",
                "failover: { after: 300ms, return_after: 3s }",
                "window: 90s");
        Program lost = Publisher.copy(clip, server.rtmp("/live/two?input=main"))) {
      HlsClient stream = server.hls("two").awaitVariants(1, LIMIT);
      String master = Web.text(server.https("/live/two/master.m3u8"));
      try (Program backup = Publisher.copy(clip, server.srt("publish:live/two?input=backup"))) {
        awaitInputs(server, 2);
        awaitSegments(stream, 2); // or the player begins nearer to the live edge than it wants to
        Request request =
            Request.of(
                Player.HLS,
                server.https("/live/two/master.m3u8"),
                Codec.H264,
                Duration.ofMinutes(2));
        try (Browser.Viewer viewer = browser.start(request).awaitPlaying()) {
          awaitSegments(stream, 3);
          // Silent, but still connected: only the missing media tells.
          lost.freeze();
          awaitOnAir(server, "backup");
          assertThat(silenceMs(server)).as(server.log()).isBetween(300L, 500L);
          lost.kill();
          awaitSegments(stream, 4);
          try (Program main = Publisher.copy(clip, server.rtmp("/live/two?input=main"))) {
            awaitOnAir(server, "main");
            awaitSegments(stream, 4);
            // A power cut: the connection goes with it.
            main.kill();
            awaitOnAir(server, "backup");
            awaitSegments(stream, 4);
          }
          Playback playback = viewer.stop();
          assertThat(playback.errors()).as(playback.json() + server.log()).isEmpty();
          assertThat(playback.stalls()).as(playback.json() + server.log()).isEmpty();
          assertThat(playback.jumps()).as(playback.json() + server.log()).isEmpty();
        }
        assertThat(backup.isAlive()).as(backup.logText()).isTrue();
      }
      assertThat(Web.text(server.https("/live/two/master.m3u8")).lines().map(BackupInputTest::name))
          .containsExactlyElementsOf(master.lines().map(BackupInputTest::name).toList());
      isWhole(stream, ffmpeg);
      assertThat(server.log()).doesNotContain("LEAK");
    }
  }

  @Test
  void takeoverByAnotherPublisherIsSeamless() {
    Browser browser = Browser.require();
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = Publisher.flashAndBeep(ffmpeg, 90);
    try (RunningServer server =
            RunningServer.start(
                folder,
                RunningServer.PASSTHROUGH,
                "publish: { on_conflict: takeover }",
                "window: 90s");
        Program first = Publisher.copy(clip, server.rtmp("/live/two"))) {
      HlsClient stream = server.hls("two").awaitVariants(1, LIMIT);
      awaitSegments(stream, 2); // or the player begins nearer to the live edge than it wants to be
      Request request =
          Request.of(
              Player.HLS, server.https("/live/two/master.m3u8"), Codec.H264, Duration.ofMinutes(2));
      try (Browser.Viewer viewer = browser.start(request).awaitPlaying()) {
        awaitSegments(stream, 3);
        try (Program second = Publisher.copy(clip, server.rtmp("/live/two"))) {
          Await.until("the first publisher is let go", LIMIT, () -> !first.isAlive());
          awaitSegments(stream, 5);
          assertThat(second.isAlive()).as(second.logText()).isTrue();
          assertThat(server.stream("two")).containsEntry("lastSwitchReason", "taken over");
        }
        Playback playback = viewer.stop();
        assertThat(playback.errors()).as(playback.json() + server.log()).isEmpty();
        assertThat(playback.stalls()).as(playback.json() + server.log()).isEmpty();
        assertThat(playback.jumps()).as(playback.json() + server.log()).isEmpty();
      }
      isWhole(stream, ffmpeg);
    }
  }

  @Test
  void blackMainInputIsLeftForTheBackup() {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = Publisher.flashAndBeep(ffmpeg, 30);
    List<String> black =
        new ArrayList<>(List.of("-f", "lavfi", "-i", "color=black:s=640x360:r=30"));
    black.addAll(Publisher.testPicture(320, 180, 30).subList(4, 8));
    black.addAll(List.of("-t", "30"));
    black.addAll(Publisher.h264(15, 100));
    try (RunningServer server =
            RunningServer.start(
                folder,
                RunningServer.PASSTHROUGH,
                "publish: { on_conflict: backup }",
                "failover: { after: 5s, black: 2s, frozen: 5s, silent: 10s }");
        Program main =
            Publisher.copy(ffmpeg.make("black.mp4", black), server.rtmp("/live/two?input=main"))) {
      awaitOnAir(server, "main");
      try (Program backup = Publisher.copy(clip, server.rtmp("/live/two?input=backup"))) {
        awaitInputs(server, 2);
        awaitOnAir(server, "backup");
        assertThat(String.valueOf(server.stream("two").get("lastSwitchReason")))
            .startsWith("black picture for ");
        assertThat(main.isAlive()).as(main.logText()).isTrue();
        assertThat(backup.isAlive()).as(backup.logText()).isTrue();
      }
    }
  }

  /** One unbroken stream: numbers, dates, decode times, and sound that is with its picture. */
  private static void isWhole(HlsClient stream, Ffmpeg ffmpeg) {
    assertThat(Conformance.check(stream, HOLE)).isEmpty();
    HlsClient.Track video = stream.videoTracks().getFirst();
    HlsClient.Track audio = stream.audioTrack().orElseThrow();
    for (HlsClient.Track track : List.of(video, audio)) {
      assertThat(track.gaps()).as(track.name()).isEmpty();
      assertThat(track.discontinuities()).as(track.name()).isEmpty();
      assertThat(track.longestSampleSeconds())
          .as(track.name())
          .isLessThanOrEqualTo(HOLE.toMillis() / 1000.0);
      assertThat(ffmpeg.decode(track)).isEmpty();
    }
    List<Double> offsets = AvSync.offsets(video, audio, ffmpeg);
    assertThat(offsets).hasSizeGreaterThan(8);
    assertThat(offsets.subList(offsets.size() - 4, offsets.size()))
        .as(offsets.toString())
        .allSatisfy(offset -> assertThat(offset).isCloseTo(0, within(FRAME_SECONDS)));
  }

  private static void awaitInputs(RunningServer server, int count) {
    Await.until(
        count + " inputs",
        LIMIT,
        () -> Json.list(server.stream("two").get("inputs")).size() == count);
  }

  /** Waits until that input is on air. */
  private static void awaitOnAir(RunningServer server, String input) {
    Await.until(
        input + " on air\n" + server.log(),
        LIMIT,
        () -> input.equals(Json.object(server.stream("two").get("publisher")).get("input")));
  }

  private static long silenceMs(RunningServer server) {
    String reason = String.valueOf(server.stream("two").get("lastSwitchReason"));
    Matcher matcher = SILENCE.matcher(reason);
    assertThat(matcher.matches()).as(reason + server.log()).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  /** Follows the stream for that many segments more. */
  private static void awaitSegments(HlsClient stream, int more) {
    stream.reload();
    stream.record(stream.videoTracks().getFirst().segments().size() + more, LIMIT);
  }

  /** A line without what is measured. */
  private static String name(String line) {
    return line.replaceAll("BANDWIDTH=\\d+", "BANDWIDTH");
  }
}
