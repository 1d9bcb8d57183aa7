package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with a DVR window is killed again and again while ffmpeg publishes ({@code
 * -Dmillrace.thorough=true}: fifty times): what viewers had been shown is served afterwards, byte
 * for byte, and the publisher that returns goes on in the same window.
 */
class DvrTest {
  private static final int KILLS = Effort.of(2, 50);
  private static final long SEED = 20_261_128;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> RENDITIONS = List.of("source", "audio");
  private static final String LADDER =
      RunningServer.PASSTHROUGH.replace("segment: 2s", "segment: 1s\npart: 200ms");

  @TempDir Path folder;

  /** What viewers have got, by its path. */
  private final Map<String, byte[]> shown = new LinkedHashMap<>();

  @Test
  void whatWasShownIsThereAfterAKillAndThePublisherGoesOnInIt() {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Random random = new Random(SEED);
    String record = "record: { to: \"" + folder.resolve("recordings") + "\", format: fmp4 }";
    String[] policy = {"dvr: 10m", "window: 10s", "grace: 2s", record};
    RunningServer server = RunningServer.start(folder.resolve("server"), LADDER, policy);
    try {
      long next = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        try (Program publisher = publish(server)) {
          next = watch(server, next + 2 + random.nextInt(2));
          server.kill();
          publisher.kill();
        }
        server = server.killAndRestart(LADDER, policy);
        for (String rendition : RENDITIONS) {
          HlsPlaylist.Media back = media(server, rendition, "");
          assertThat(back.firstSequence()).as("kill %d", kill).isZero();
          assertThat(back.openSequence()).isGreaterThanOrEqualTo(next);
          assertThat(back.ended()).isFalse();
        }
        checkShown(server);
      }
      try (Program publisher = publish(server)) {
        HlsClient stream = server.hls("dvr").fedBy(publisher).awaitVariants(1, LIMIT);
        watch(server, next + 3);
        stream.record(2, LIMIT);
        assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
        checkClip(ffmpeg, server);
      }
      checkOnDemand(ffmpeg, server);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + server.log(), e);
    } finally {
      server.close();
    }
  }

  private static Program publish(RunningServer server) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(320, 180, 30), Publisher.h264(15, 300), server.rtmp("/live/dvr"));
  }

  /** Fetches what is listed until the playlists reach so far; the number behind the last. */
  private long watch(RunningServer server, long sequence) {
    return Await.value(
        "segment " + sequence + " of every rendition",
        LIMIT,
        () -> {
          long reached = Long.MAX_VALUE;
          for (String rendition : RENDITIONS) {
            reached = Math.min(reached, fetch(server, rendition));
          }
          return reached > sequence ? Optional.of(reached) : Optional.empty();
        });
  }

  private long fetch(RunningServer server, String rendition) {
    URI uri = server.http("/live/dvr/" + rendition + "/media.m3u8");
    var answer = Web.get(uri);
    if (answer.statusCode() != 200) {
      return 0;
    }
    HlsPlaylist.Media media =
        HlsPlaylist.media(uri, new String(answer.body(), StandardCharsets.UTF_8));
    for (HlsPlaylist.Entry entry : media.entries()) {
      if (!entry.gap()) {
        shown.computeIfAbsent(entry.uri().getPath(), path -> Web.bytes(server.http(path)));
      }
    }
    return media.openSequence();
  }

  private static HlsPlaylist.Media media(RunningServer server, String rendition, String query) {
    URI uri = server.http("/live/dvr/" + rendition + "/media.m3u8" + query);
    return HlsPlaylist.media(uri, Web.text(uri));
  }

  private void checkShown(RunningServer server) {
    assertThat(shown).isNotEmpty();
    shown.forEach(
        (path, bytes) -> assertThat(Web.bytes(server.http(path))).as(path).isEqualTo(bytes));
  }

  /** Whole segments of both renditions, over what was published before the kill and after. */
  private void checkClip(Ffmpeg ffmpeg, RunningServer server) {
    List<HlsPlaylist.Entry> all = media(server, "source", "").entries();
    HlsPlaylist.Entry first = all.get(1);
    HlsPlaylist.Entry last = all.get(all.size() - 2);
    String query =
        "?start=" + first.programDateTime().plusMillis(10) + "&end=" + last.programDateTime();
    for (String rendition : RENDITIONS) {
      HlsPlaylist.Media clip = media(server, rendition, query);
      assertThat(clip.ended()).isTrue();
      assertThat(clip.firstSequence()).isEqualTo(first.sequence());
      assertThat(clip.openSequence()).isEqualTo(last.sequence());
    }
    assertThat(Web.text(server.http("/live/dvr/manifest.mpd" + query))).contains("type=\"static\"");
    assertThat(
            ffmpeg.probe(
                List.of(
                    "-show_entries",
                    "stream=codec_type",
                    "-of",
                    "csv=p=0",
                    server.http("/live/dvr/master.m3u8" + query).toString())))
        .contains("video", "audio");
    assertThat(Web.get(server.http("/live/dvr/master.m3u8?start=yesterday")).statusCode())
        .isEqualTo(400);
    assertThat(Web.get(server.http("/live/dvr/master.m3u8?start=4000000000")).statusCode())
        .isEqualTo(404);
  }

  /** After the grace period all of it is a video on demand. */
  private void checkOnDemand(Ffmpeg ffmpeg, RunningServer server) {
    Await.until("the stream has ended", LIMIT, () -> media(server, "source", "").ended());
    checkShown(server);
    assertThat(media(server, "source", "").firstSequence()).isZero();
    assertThat(
            ffmpeg.probe(
                List.of(
                    "-show_entries",
                    "stream=codec_type",
                    "-of",
                    "csv=p=0",
                    server.http("/live/dvr/master.m3u8").toString())))
        .contains("video", "audio");
  }
}
