package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Rungs come and go while a stream is live, by the API and by another configuration: what is the
 * same goes on without a gap, what joins is aligned, and nobody else notices.
 */
class LadderReloadTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LADDER =
      """
      segment: 1s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: 90p, codec: h264, height: 90, bitrate: 100k }
        - { name: 64p, codec: h264, height: 64, bitrate: 60k }
      """;
  private static final String CHOSEN =
      """
      {
        "audio": [ { "passthrough": true } ],
        "video": [
          { "name": "source", "passthrough": true },
          { "name": "120p", "codec": "h264", "height": 120, "bitrate": "150k" },
          { "name": "64p", "codec": "h264", "height": 64, "bitrate": "60k" }
        ]
      }
      """;
  private static final String OTHER =
      """
        other:
          segment: 1s
          audio: [ { codec: aac, bitrate: 64k } ]
          video:
            - { name: source, passthrough: true }
            - { name: 64p, codec: h264, height: 64, bitrate: 60k }
            - { name: 72p, codec: h264, height: 72, bitrate: 80k }
      """;

  private RunningServer server;

  @ParameterizedTest
  @ValueSource(strings = {"process", "none"})
  void rungsComeAndGoAndNobodyElseNotices(String isolation, @TempDir Path folder) {
    server =
        RunningServer.start(
            folder,
            LADDER,
            Map.of("live/a", List.of("window: 5m"), "live/b", List.of("window: 5m")),
            "transcode: { isolation: " + isolation + " }\n");
    try (RunningServer running = server;
        Program first = publish("a");
        Program second = publish("b")) {
      running.hls("a").fedBy(first).awaitVariants(3, LIMIT);
      running.hls("b").fedBy(second).awaitVariants(3, LIMIT);
      Map<String, Object> before = running.stream("a");
      Map<String, Object> other = running.stream("b");
      Map<String, Long> begin =
          Stream.of("source", "64p", "audio")
              .collect(Collectors.toMap(name -> name, name -> media(name).firstSequence()));

      refusals();
      URI leaving = media("90p").entries().getLast().uri();
      assertThat(ladder("PUT", "a", CHOSEN).statusCode()).isEqualTo(200);
      awaitVariants("source", "120p", "64p");
      assertThat(Web.get(playlist("90p")).statusCode()).isEqualTo(404);
      assertThat(Web.get(leaving).statusCode()).as("what was listed").isEqualTo(200);
      assertJoined("120p");

      assertThat(ladder("DELETE", "a", "").statusCode()).isEqualTo(200);
      awaitVariants("source", "90p", "64p");
      assertJoined("90p");

      running.reload(yaml -> yaml + "nonsense: 1\n");
      awaitReloads("refused", 1);
      assertThat(running.log()).contains("millrace.yaml:").contains("nonsense: unknown key");
      running.reload(
          yaml ->
              yaml.replace("nonsense: 1\n", OTHER)
                  .replaceFirst("(\"live/a\":\\s+ladder: )test", "$1other"));
      awaitReloads("applied", 1);
      awaitVariants("source", "64p", "72p");
      assertJoined("72p");

      running.reload(yaml -> yaml.replaceFirst("ladder: other", "ladder: test"));
      awaitReloads("applied", 2);
      awaitVariants("source", "90p", "64p");
      long sound = media("audio").openSequence();
      Await.until("the sound goes on", LIMIT, () -> media("audio").openSequence() > sound + 1);

      for (String same : begin.keySet()) {
        assertThat(media(same).entries())
            .as(same)
            .noneMatch(HlsPlaylist.Entry::gap)
            .noneMatch(HlsPlaylist.Entry::discontinuity);
        assertThat(media(same).firstSequence()).as(same).isEqualTo(begin.get(same));
      }
      assertSame(before, running.stream("a"));
      assertSame(other, running.stream("b"));
      assertThat(media("b", "90p").entries()).noneMatch(HlsPlaylist.Entry::gap);
      assertThat(first.isAlive()).as(first.logText()).isTrue();
      assertThat(running.log())
          .doesNotContain("ladder changed stream=live/b")
          .doesNotContain("rung ended");
      assertThat(new String(reload().body(), StandardCharsets.UTF_8))
          .isEqualTo("{\"applied\":[],\"needs_restart\":[]}");
      // Where the machine is too busy, pictures are left out: a segment's last one is short, and
      // the
      // next segment's decoding times begin where that one ends.
      assertThat(OutputCheck.of(running))
          .allMatch(
              problem ->
                  problem.contains("samples last")
                      || problem.contains("first presentation time is not its tfdt"));
      running.kill(); // it has been looked at
    }
  }

  private Program publish(String name) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(320, 180, 25), Publisher.h264(12, 300), server.rtmp("/live/" + name));
  }

  private void refusals() {
    HttpResponse<byte[]> wrong =
        ladder("PUT", "a", CHOSEN.replace("\"height\": 64", "\"height\": 6"));
    assertThat(wrong.statusCode()).isEqualTo(422);
    assertThat(new String(wrong.body(), StandardCharsets.UTF_8))
        .contains("\"field\":\"video[2].height\"");
    assertThat(ladder("PUT", "a", "{\"ladder\":\"nobody\"}").statusCode()).isEqualTo(422);
    assertThat(ladder("PUT", "a", CHOSEN.replaceFirst("\\{", "{\"segment\":\"3s\",")).statusCode())
        .isEqualTo(409);
    assertThat(ladder("PUT", "nobody", CHOSEN).statusCode()).isEqualTo(404);
    assertThat(
            Web.send("PUT", server.admin("/api/v1/streams/live/a/ladder"), "text/plain", CHOSEN)
                .statusCode())
        .isEqualTo(415);
  }

  private HttpResponse<byte[]> ladder(String method, String stream, String body) {
    return Web.send(
        method,
        server.admin("/api/v1/streams/live/" + stream + "/ladder"),
        body.isEmpty() ? "" : "application/json",
        body);
  }

  private HttpResponse<byte[]> reload() {
    return Web.send("POST", server.admin("/api/v1/reload"), "", "");
  }

  private void awaitReloads(String result, int count) {
    String line = "millrace_config_reloads_total{result=\"" + result + "\"} " + count;
    Await.until(line, LIMIT, () -> Web.text(server.admin("/metrics")).contains(line));
  }

  private void awaitVariants(String... names) {
    Await.until(
        "variants " + List.of(names),
        LIMIT,
        () ->
            server.hls("a").master().variants().stream()
                .map(variant -> Path.of(variant.uri().getPath()).getParent().getFileName())
                .map(Path::toString)
                .distinct()
                .toList()
                .equals(List.of(names)));
  }

  private URI playlist(String rendition) {
    return server.https("/live/a/" + rendition + "/media.m3u8");
  }

  private HlsPlaylist.Media media(String rendition) {
    return HlsPlaylist.media(playlist(rendition), Web.text(playlist(rendition)));
  }

  private HlsPlaylist.Media media(String stream, String rendition) {
    URI uri = server.https("/live/" + stream + "/" + rendition + "/media.m3u8");
    return HlsPlaylist.media(uri, Web.text(uri));
  }

  /** A rung's segments have the numbers and dates that the source's have, from its first one on. */
  private void assertJoined(String rung) {
    HlsPlaylist.Media joined = media(rung);
    HlsPlaylist.Media source = media("source");
    assertThat(joined.firstSequence()).isGreaterThan(source.firstSequence());
    assertThat(joined.entries()).isNotEmpty().noneMatch(HlsPlaylist.Entry::gap);
    HlsPlaylist.Entry first = joined.entries().getFirst();
    assertThat(source.entries())
        .anySatisfy(
            entry -> {
              assertThat(entry.sequence()).isEqualTo(first.sequence());
              assertThat(entry.programDateTime()).isEqualTo(first.programDateTime());
              assertThat(entry.seconds()).isEqualByComparingTo(first.seconds());
            });
  }

  /** The same publisher on the same connection, and the same worker. */
  private static void assertSame(Map<String, Object> before, Map<String, Object> now) {
    for (Map<String, Object> stream : List.of(before, now)) {
      assertThat(Json.number(stream.get("reconnects"))).isZero();
    }
    assertThat(ids(now)).isEqualTo(ids(before));
    assertThat(worker(now)).isEqualTo(worker(before));
  }

  private static List<Object> ids(Map<String, Object> stream) {
    return Json.list(stream.get("publishers")).stream()
        .map(Json::object)
        .map(publisher -> publisher.get("id"))
        .toList();
  }

  private static List<Object> worker(Map<String, Object> stream) {
    return stream.get("worker") == null
        ? List.of()
        : Stream.of("pid", "starts").map(Json.object(stream.get("worker"))::get).toList();
  }
}
