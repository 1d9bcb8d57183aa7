package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An upright picture in every codec that is not in the built-in ladder, encoded in a worker,
 * packaged, and decoded by FFmpeg 8; and a device that is not there.
 */
class ConfiguredLadderTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LADDER =
      """
      segment: 2s
      audio: [ { codec: opus, bitrate: 64k, loudness: -23 } ]
      video:
        - { name: h264, codec: h264, height: 144, bitrate: 300k, rate: capped-crf, gop: 1s, tune: film-grain }
        - { name: hevc, codec: hevc, height: 144, bitrate: 150k, bframes: 2, profile: quality }
        - { name: vp9, codec: vp9, height: 144, bitrate: 150k, tune: screen, fps: 15 }
        - { name: large, codec: h264, height: 720, bitrate: 2M }
        - { name: gpu, codec: h264, height: 144, bitrate: 300k, encoder: nvenc }
        - { name: board, codec: h264, height: 144, bitrate: 150k, encoder: vaapi, fallback: software }
      """;

  @Test
  void everyConfiguredEncoderIsPackagedAndDecodes(@TempDir Path folder) {
    assumeTrue(!Files.exists(Path.of("/dev/nvidiactl")), "there is an NVIDIA GPU");
    assumeTrue(!Files.exists(Path.of("/dev/dri")), "there is a GPU");
    Ffmpeg bundled = Ffmpeg.bundled(folder);
    try (RunningServer server =
            RunningServer.start(
                folder,
                LADDER,
                Map.of("*/*", List.of("window: 30s")),
                "transcode: { isolation: process }");
        Program publisher =
            Publisher.ffmpegEncode(
                Publisher.testPicture(180, 320, 30),
                Publisher.h264(30, 300),
                server.rtmp("/live/up"))) {
      HlsClient stream = server.hls("up").fedBy(publisher);
      try {
        stream.awaitVariants(4, LIMIT).record(2, LIMIT);
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + "\n" + server.log(), e);
      }

      assertThat(LeftOutPictures.unexplained(server, Conformance.check(stream)))
          .as(server.log())
          .isEmpty();
      assertThat(stream.videoTracks())
          .extracting(track -> track.init().codec().substring(0, 4))
          .containsExactlyInAnyOrder("avc1", "hvc1", "vp09", "avc1");
      for (HlsClient.Track track : stream.tracks()) {
        assertThat(bundled.decode(track)).isEmpty();
        if (track.isVideo()) {
          assertThat(track.variant().attributes()).containsEntry("RESOLUTION", "144x256");
        } else {
          assertThat(track.init().codec()).isEqualTo("opus");
        }
      }
      List<String> dash = DashManifest.fetch(server.https("/live/up/manifest.mpd")).check();
      assertThat(LeftOutPictures.unexplained(server, dash)).isEmpty();
      assertThat(leftOut(server))
          .containsOnlyKeys("large", "gpu")
          .hasEntrySatisfying("large", reason -> assertThat(reason).contains("scale up"))
          .hasEntrySatisfying("gpu", reason -> assertThat(reason).contains("/dev/nvidiactl"));
      assertThat(engine(server, "board")).contains("instead: vaapi needs").contains("/dev/dri");
      assertThat(server.log()).contains("software encodes instead", "/dev/nvidiactl is not there");
    }
  }

  private static Map<String, String> leftOut(RunningServer server) {
    return Json.list(server.stream("up").get("leftOut")).stream()
        .map(Json::object)
        .collect(
            java.util.stream.Collectors.toMap(
                it -> (String) it.get("name"), it -> (String) it.get("reason")));
  }

  private static String engine(RunningServer server, String rung) {
    return Json.list(server.stream("up").get("renditions")).stream()
        .map(Json::object)
        .filter(rendition -> rendition.get("name").equals(rung))
        .map(rendition -> (String) Json.object(rendition.get("encoder")).get("engine"))
        .findFirst()
        .orElseThrow();
  }
}
