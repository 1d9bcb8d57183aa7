package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A rung that no machine encodes in time is given up, and the others do not notice. A second core
 * of the shed order is not needed: what is slow here is one encoder.
 */
class OverloadTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String LADDER =
      """
      segment: 1s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: 90p, codec: h264, height: 90, bitrate: 100k }
        - { name: av1-360p, codec: av1, height: 360, bitrate: 500k, preset: "0", profile: quality }
      budget: { cpu: 100%, shed: [ av1-360p ] }
      """;

  @Test
  void whatCannotBeEncodedInTimeIsGivenUpAndNothingElse(@TempDir Path folder) {
    try (RunningServer server = RunningServer.start(folder, LADDER);
        Program publisher =
            Publisher.ffmpegEncode(
                Publisher.testPicture(640, 360, 30),
                Publisher.h264(30, 500),
                server.rtmp("/live/much"))) {
      HlsClient stream = server.hls("much").fedBy(publisher).awaitVariants(2, LIMIT);
      Await.until(
          "the slow rung is given up",
          LIMIT,
          () -> encoder(server, "av1-360p").get("paused").equals(true));
      assertThat(server.log())
          .contains("rung given up: overload stream=live/much rung=av1-360p")
          .containsPattern("rung given up: overload stream=live/much rung=av1-360p .*reason=\"");
      stream.record(4, LIMIT);
      for (HlsClient.Track track : stream.videoTracks()) {
        if (!track.name().startsWith("av1-360p")) {
          assertThat(track.gaps()).as(track.name()).isEmpty();
        }
      }
      assertThat(encoder(server, "90p").get("paused")).isEqualTo(false);
      // It may be tried again by now, and be late again.
      String metrics = new String(Web.bytes(server.admin("/metrics")), StandardCharsets.UTF_8);
      assertThat(metrics).containsPattern("(?m)^millrace_rung_sheds_total [1-9]");
      assertThat(server.log()).doesNotContain("overload stream=live/much rung=90p");
    }
  }

  private static Map<String, Object> encoder(RunningServer server, String rung) {
    return Json.list(server.stream("much").get("renditions")).stream()
        .map(Json::object)
        .filter(rendition -> rendition.get("name").equals(rung))
        .map(rendition -> Json.object(rendition.get("encoder")))
        .findFirst()
        .orElse(Map.of("paused", "unknown"));
  }
}
