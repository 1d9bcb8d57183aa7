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
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with a DVR window is killed again and again while ffmpeg publishes ({@code
 * -Dmillrace.thorough=true}: fifty times): what viewers had been shown is served afterwards, byte
 * for byte, and the publisher that returns goes on in the same window. What was recorded beside it
 * is closed by the next start, decodes without a complaint and has every picture that was shown.
 */
class DvrTest {
  private static final int KILLS = Effort.of(2, 50);
  private static final long SEED = 20_261_128;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> RENDITIONS = List.of("source", "audio");
  private static final String LADDER =
      RunningServer.PASSTHROUGH.replace("segment: 2s", "segment: 1s\npart: 200ms");

  private static final int PICTURES_PER_SEGMENT = 30;

  @TempDir Path folder;

  /** What viewers have got, by its path. */
  private final Map<String, byte[]> shown = new LinkedHashMap<>();

  @Test
  void whatWasShownIsThereAfterAKillAndThePublisherGoesOnInIt() {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Random random = new Random(SEED);
    Path recordings = folder.resolve("recordings");
    String record = "record: { to: \"" + recordings + "\", format: fmp4 }";
    String[] policy = {"dvr: 1h", "window: 10s", "grace: 8s", record};
    RunningServer server = RunningServer.start(folder.resolve("server"), LADDER, policy);
    try {
      long next = 0;
      for (int kill = 0; kill < KILLS; kill++) {
        try (Program publisher = publish(server)) {
          next = watch(server, 2 + random.nextInt(2));
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
        watch(server, 3);
        stream.record(2, LIMIT);
        assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
        checkClip(ffmpeg, server);
      }
      checkOnDemand(ffmpeg, server);
      checkRecordings(recordings);
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

  /**
   * Fetches what is listed until every rendition has so many segments more than before, of media:
   * what was missed while nobody published is listed as gaps.
   *
   * @return the number behind the last
   */
  private long watch(RunningServer server, int segments) {
    Map<String, Long> before =
        RENDITIONS.stream().collect(Collectors.toMap(name -> name, this::shownOf));
    return Await.value(
        segments + " more segments of every rendition",
        LIMIT,
        () -> {
          long reached = Long.MAX_VALUE;
          boolean enough = true;
          for (String rendition : RENDITIONS) {
            reached = Math.min(reached, fetch(server, rendition));
            enough &= shownOf(rendition) >= before.getOrDefault(rendition, 0L) + segments;
          }
          return enough ? Optional.of(reached) : Optional.empty();
        });
  }

  private long shownOf(String rendition) {
    return shown.keySet().stream().filter(path -> path.contains("/" + rendition + "/")).count();
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

  /** One for each time that somebody published. */
  private void checkRecordings(Path recordings) {
    Tool ffmpeg = Tool.require("ffmpeg");
    Tool ffprobe = Tool.require("ffprobe");
    List<Path> files = Recorded.files(recordings, ".mp4");
    assertThat(files).hasSize(KILLS + 1);
    long pictures = 0;
    for (Path file : files) {
      assertThat(Recorded.boxes(file)).as(file.toString()).endsWith("mfra");
      Recorded.decodes(ffmpeg, file.toString());
      pictures += Recorded.pictures(ffprobe, file);
    }
    assertThat(pictures).isGreaterThanOrEqualTo(shownOf("source") * PICTURES_PER_SEGMENT);
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
