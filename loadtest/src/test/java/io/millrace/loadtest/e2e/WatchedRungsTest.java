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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A rung that is encoded while somebody watches it, seen by a viewer and by its encoder. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WatchedRungsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String RUNG = "av1-180p";
  private static final String LADDER =
      """
      segment: 1s
      idle_after: 5s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: av1-180p, codec: av1, height: 180, bitrate: 150k, when: watched }
      """;

  private RunningServer server;
  private Program publisher;

  @BeforeAll
  void publish(@TempDir Path folder) {
    server = RunningServer.start(folder, LADDER);
    publisher =
        Publisher.ffmpegEncode(
            Publisher.testPicture(640, 360, 30),
            Publisher.h264(15, 500),
            server.rtmp("/live/quiet"));
    server.hls("quiet").fedBy(publisher).awaitVariants(2, LIMIT);
  }

  @AfterAll
  void stop() {
    publisher.close();
    server.close();
  }

  private Map<String, Object> encoder() {
    return Json.list(server.stream("quiet").get("renditions")).stream()
        .map(Json::object)
        .filter(rendition -> rendition.get("name").equals(RUNG))
        .map(rendition -> Json.object(rendition.get("encoder")))
        .findFirst()
        .orElseThrow();
  }

  private void awaitIdle() {
    Await.until("the rung is paused", LIMIT, () -> Boolean.TRUE.equals(encoder().get("paused")));
  }

  private HlsPlaylist.Media media(String rendition) {
    URI uri = server.https("/live/quiet/" + rendition + "/media.m3u8");
    return HlsPlaylist.media(uri, Web.text(uri));
  }

  private Stream<HlsPlaylist.Entry> entries(String rendition) {
    return media(rendition).entries().stream();
  }

  @Test
  @Order(1)
  void isListedAndCostsNothingWhileNobodyWatches() {
    awaitIdle();
    HlsPlaylist.Master master = server.hls("quiet").master();
    assertThat(master.variants())
        .anySatisfy(
            variant -> {
              assertThat(variant.uri().getPath()).contains(RUNG);
              assertThat(variant.codecs()).anyMatch(codec -> codec.startsWith("av01."));
            });
    long before = media("source").openSequence();
    Await.until("the stream goes on", LIMIT, () -> media("source").openSequence() > before + 1);
    double framesOut = Json.number(encoder().get("framesOut"));
    double cpuSeconds = Json.number(encoder().get("cpuSeconds"));
    Await.until("the stream goes on", LIMIT, () -> media("source").openSequence() > before + 4);
    assertThat(Json.number(encoder().get("framesOut"))).isEqualTo(framesOut);
    assertThat(Json.number(encoder().get("cpuSeconds"))).isEqualTo(cpuSeconds);
    Map<String, Object> decoder = Json.object(server.stream("quiet").get("decoder"));
    double decoded = Json.number(decoder.get("framesDecoded"));
    assertThat(decoded).as("no other rung needs the decoder").isLessThan(90 + framesOut);
  }

  @Test
  @Order(2)
  void firstRequestStartsItAtItsSiblingsNumber() {
    awaitIdle();
    long startNs = System.nanoTime();
    List<HlsPlaylist.Entry> first = entries(RUNG).toList();
    System.out.printf(
        "watched-only rung: %.2f s to its first segment of 1 s%n",
        (System.nanoTime() - startNs) / 1e9);
    assertThat(first).hasSize(1).noneMatch(HlsPlaylist.Entry::gap);
    assertThat(entries("source"))
        .anySatisfy(
            entry -> {
              assertThat(entry.sequence()).isEqualTo(first.getFirst().sequence());
              assertThat(entry.programDateTime()).isEqualTo(first.getFirst().programDateTime());
            });
    HlsClient stream = server.hls("quiet").fedBy(publisher);
    stream.record(3, LIMIT);
    assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
    assertThat(OutputCheck.of(server)).isEmpty();
    assertThat(encoder().get("paused")).isEqualTo(false);
  }

  @Test
  @Order(3)
  void playersThatPreferAv1GetIt() {
    Browser browser = Browser.require();
    for (Player player : List.of(Player.HLS, Player.SHAKA)) {
      awaitIdle();
      String document = player == Player.HLS ? "master.m3u8" : "manifest.mpd";
      URI url = server.https("/live/quiet/" + document);
      Playback playback = browser.play(Request.of(player, url, Codec.AV1, Duration.ofSeconds(5)));
      assertThat(playback.errors()).as(playback.json()).isEmpty();
      assertThat(playback.stalls()).as(playback.json()).isEmpty();
      assertThat(playback.levels())
          .as(playback.json())
          .isNotEmpty()
          .allMatch(Playback.Level::isAv1);
    }
    awaitIdle();
  }
}
