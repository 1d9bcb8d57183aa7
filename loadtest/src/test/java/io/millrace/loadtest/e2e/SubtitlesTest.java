package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Playback;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Subtitles from an encoder ({@code onTextData} of ffmpeg) and from a captioner (the admin API), to
 * what players show, when.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SubtitlesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int CUES = 120;

  /** Beside other tests a player may be eight seconds late, and what is posted is for now. */
  private static final Duration LENGTH = Duration.ofSeconds(12);

  /** Between the text of a player and the picture that it belongs to. */
  private static final double EXACT_MS = 100;

  private RunningServer server;
  private Program publisher;
  private HlsClient stream;

  @BeforeAll
  void publish(@TempDir Path folder) throws IOException {
    server =
        RunningServer.start(
            folder, RunningServer.PASSTHROUGH, "subtitles: { languages: [ en, ar ] }");
    Path texts = folder.resolve("texts.srt");
    StringBuilder srt = new StringBuilder();
    for (int i = 0; i < CUES; i++) {
      srt.append(
          "%1$d\n00:%2$02d:%3$02d,500 --> 00:%2$02d:%3$02d,900\n".formatted(i + 1, i / 60, i % 60));
      srt.append("second %d & so on\n\n".formatted(i));
    }
    Files.writeString(texts, srt);
    publisher = Publisher.withTexts(texts, server.rtmp("/live/talk"));
    stream = server.hls("talk").fedBy(publisher);
    stream.awaitVariants(1, LIMIT).record(3, LIMIT);
  }

  @AfterAll
  void stop() {
    publisher.close();
    server.close();
  }

  private Map<String, Object> post(String language, String at, String file) {
    URI uri = server.admin("/api/v1/streams/live/talk/subtitles/" + language + "?at=" + at);
    HttpResponse<byte[]> response = Web.post(uri, file.getBytes(StandardCharsets.UTF_8));
    String body = new String(response.body(), StandardCharsets.UTF_8);
    assertThat(response.statusCode()).as(body).isEqualTo(200);
    return Json.object(body);
  }

  /** The date of the stream's first picture: of what the publisher calls 0. */
  private Instant beginning() {
    HlsClient.Fetched first = stream.videoTracks().getFirst().segments().firstEntry().getValue();
    assertThat(first.entry().sequence()).isZero();
    return first.entry().programDateTime();
  }

  @Test
  void whatAPublisherSaysIsInSegmentsAtItsTime() {
    assertThat(TextConformance.check(stream, Duration.ZERO)).isEmpty();
    assertThat(stream.textTracks()).hasSize(2);
    HlsClient.Track english = stream.textTracks().getFirst();
    HlsClient.Fetched video = stream.videoTracks().getFirst().segments().firstEntry().getValue();
    double zero = video.media().presentationTicks().getFirst() / 360_000.0;
    List<TextConformance.Cue> cues = new ArrayList<>();
    english
        .segments()
        .values()
        .forEach(segment -> cues.addAll(TextConformance.cues(segment.bytes(), zero)));
    assertThat(cues).hasSizeGreaterThan(4);
    for (TextConformance.Cue cue : cues) {
      assertThat(cue.text()).matches("second \\d+ &amp; so on");
      int second = Integer.parseInt(cue.text().split(" ")[1]);
      // In pieces, each in the segment that shows it.
      assertThat(cue.startSeconds() - zero).isBetween(second + 0.499, second + 1.501);
      assertThat(cue.endSeconds() - zero).isBetween(second + 0.5, second + 1.502);
    }
  }

  /**
   * hls.js from WebVTT parts, dash.js from WebVTT in CMAF, both close to the live edge. Text is
   * posted while they play.
   */
  @Test
  void playersShowBothAtTheirTime() {
    Browser browser = Browser.require();
    Playback hls;
    Playback dash;
    Instant at;
    try (Browser.Viewer first = browser.start(request(Player.HLS, "master.m3u8"));
        Browser.Viewer second = browser.start(request(Player.DASH, "manifest.mpd"))) {
      first.awaitPlaying();
      second.awaitPlaying();
      // A cue that began before a player's first piece of text is not shown by it.
      long before = openSequence();
      Await.until("texts that both have", LIMIT, () -> openSequence() > before + 1);
      at = Instant.now().plusMillis(500);
      Map<String, Object> posted =
          post("en", at.toString(), "WEBVTT\n\n00:00.250 --> 00:01.750\n<b>posted</b>\n");
      assertThat(posted).containsEntry("taken", 1.0).containsEntry("late", 0.0);
      assertThat(post("en", "now", "WEBVTT\n\n00:00.000 --> 00:02.000\nnow\n"))
          .containsEntry("taken", 1.0);
      hls = first.finish();
      dash = second.finish();
    }
    for (Playback playback : List.of(hls, dash)) {
      assertThat(playback.errors()).as(playback.json()).isEmpty();
      List<Map<String, Object>> cues = cues(playback, "en");
      assertThat(cues)
          .as(playback.json())
          .anySatisfy(
              cue -> {
                assertThat(cue.get("text")).isEqualTo("<b>posted</b>");
                assertThat(Json.number(cue.get("startMs")))
                    .isCloseTo(at.toEpochMilli() + 250.0, within(EXACT_MS));
              })
          .anySatisfy(cue -> assertThat(cue.get("text")).isEqualTo("now"));
      spoken(playback, cues);
    }
  }

  private long openSequence() {
    URI uri = server.http("/live/talk/" + stream.videoTracks().getFirst().name());
    return HlsPlaylist.media(uri, Web.text(uri)).openSequence();
  }

  private Request request(Player player, String document) {
    URI url = server.http("/live/talk/" + document);
    return Request.of(player, url, Codec.H264, LENGTH).inLowLatency().withTexts();
  }

  /**
   * Each piece of what the publisher says is shown within the second that it is said in, give or
   * take a picture.
   */
  private void spoken(Playback playback, List<Map<String, Object>> cues) {
    long beginning = beginning().toEpochMilli();
    List<Map<String, Object>> spoken =
        cues.stream().filter(cue -> ("" + cue.get("text")).startsWith("second ")).toList();
    assertThat(spoken).as(playback.json()).hasSizeGreaterThan(2);
    for (Map<String, Object> cue : spoken) {
      int second = Integer.parseInt(("" + cue.get("text")).split(" ")[1]);
      for (String end : List.of("startMs", "endMs")) {
        assertThat(Json.number(cue.get(end)) - beginning)
            .as(playback.json())
            .isBetween(second * 1000 + 450 - EXACT_MS, second * 1000 + 1550 + EXACT_MS);
      }
    }
  }

  private static List<Map<String, Object>> cues(Playback playback, String language) {
    return Json.list(Json.object(playback.json()).get("texts")).stream()
        .map(Json::object)
        .filter(track -> language.equals(track.get("language")))
        .flatMap(track -> Json.list(track.get("cues")).stream())
        .map(Json::object)
        .toList();
  }
}
