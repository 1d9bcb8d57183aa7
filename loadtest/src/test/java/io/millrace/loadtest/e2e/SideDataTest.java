package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Playback;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What comes beside picture and sound, from a broadcaster over SRT to what players read: captions
 * in every rung, languages, splices, timed metadata; and pictures of the stream.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SideDataTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String LADDER =
      """
      segment: 2s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: 90p, codec: h264, height: 90, bitrate: 100k }
        - { name: av1-90p, codec: av1, height: 90, bitrate: 80k }
      """;

  private RunningServer server;
  private CueingPublisher publisher;
  private HlsClient stream;

  @BeforeAll
  void publish(@TempDir Path folder) {
    server = RunningServer.start(folder, LADDER, "window: 60s", "subtitles: { cea608: en }");
    publisher = CueingPublisher.start(server, "show");
    stream = server.hls("show");
    stream.awaitVariants(3, LIMIT).record(4, LIMIT);
  }

  @AfterAll
  void stop() {
    publisher.close();
    server.close();
  }

  private static long count(byte[] bytes, String text) {
    String all = new String(bytes, StandardCharsets.ISO_8859_1);
    return Pattern.compile(text, Pattern.LITERAL).matcher(all).results().count();
  }

  @Test
  void languagesAndCaptionsAreAnnounced() {
    List<Map<String, String>> media =
        stream.master().renditions().stream().map(HlsPlaylist.Rendition::attributes).toList();
    assertThat(media)
        .anySatisfy(
            each ->
                assertThat(each)
                    .containsEntry("LANGUAGE", "en")
                    .containsEntry("NAME", "English")
                    .containsEntry("DEFAULT", "YES"))
        .anySatisfy(
            each ->
                assertThat(each)
                    .containsEntry("LANGUAGE", "de")
                    .containsEntry("NAME", "Deutsch")
                    .containsEntry("AUTOSELECT", "YES"))
        .anySatisfy(
            each ->
                assertThat(each)
                    .containsEntry("TYPE", "CLOSED-CAPTIONS")
                    .containsEntry("INSTREAM-ID", "CC1"));
    assertThat(stream.master().variants())
        .allSatisfy(each -> assertThat(each.attributes()).containsEntry("CLOSED-CAPTIONS", "cc"));
    String manifest = Web.text(server.http("/live/show/manifest.mpd"));
    assertThat(manifest)
        .contains("lang=\"en\"")
        .contains("lang=\"de\"")
        .contains("urn:scte:dash:cc:cea-608:2015");
  }

  @Test
  void everyPictureOfEveryRungHasItsCaptions() {
    assertThat(stream.videoTracks()).hasSize(3);
    for (HlsClient.Track track : stream.videoTracks()) {
      track
          .segments()
          .forEach(
              (sequence, segment) -> {
                // A machine that is busy leaves pictures out; those that are there have them.
                int pictures = segment.media().samples().size();
                assertThat(pictures).as("%s segment %d", track.name(), sequence).isPositive();
                assertThat(count(segment.bytes(), "GA94"))
                    .as("%s segment %d", track.name(), sequence)
                    .isBetween(pictures - 2L, pictures + 2L);
              });
    }
  }

  @Test
  void captionsAreATextTrackWhereThatIsAskedFor() {
    assertThat(TextConformance.check(stream, Duration.ofSeconds(1))).isEmpty();
    HlsClient.Track text = stream.textTracks().getFirst();
    List<String> lines = new ArrayList<>();
    text.segments()
        .values()
        .forEach(
            segment ->
                TextConformance.cues(segment.bytes(), 0)
                    .forEach(cue -> lines.addAll(cue.text().lines().toList())));
    // A roll-up of two rows, one more a second.
    assertThat(lines).anyMatch(line -> line.matches("LINE \\d{3}"));
    assertThat(lines).allMatch(line -> line.matches("L?I?N?E? ?\\d{0,3}"));
    assertThat(lines.stream().filter(line -> line.length() == 8).distinct().count())
        .isGreaterThanOrEqualTo(3);
  }

  @Test
  void aSpliceIsInPlaylistsAndManifestAndASegmentStartsThere() {
    String playlist = Web.text(server.http("/live/show/90p/media.m3u8"));
    Matcher range =
        Pattern.compile(
                "#EXT-X-DATERANGE:ID=\"splice-1207959695-\\d+\",.*START-DATE=\"([^\"]+)\","
                    + "PLANNED-DURATION=60.293[0-9]*,SCTE35-OUT=0xFC30")
            .matcher(playlist);
    assertThat(range.find()).as(playlist).isTrue();
    assertThat(playlist.split("SCTE35-OUT", -1)).as("said once").hasSize(2);
    // Key frames are a second apart and segments two: without the splice all would last two.
    assertThat(stream.videoTracks().getFirst().segments().values())
        .anySatisfy(
            segment -> assertThat(segment.entry().seconds().doubleValue()).isBetween(0.9, 1.1));
    assertThat(Web.text(server.http("/live/show/manifest.mpd")))
        .contains("<EventStream schemeIdUri=\"urn:scte:scte35:2014:xml+bin\"")
        .contains("<Binary>/DAvA");
  }

  @Test
  void timedMetadataIsInEveryVideoRendition() {
    for (HlsClient.Track track : stream.videoTracks()) {
      long tags =
          track.segments().values().stream()
              .mapToLong(segment -> count(segment.bytes(), "https://aomedia.org/emsg/ID3"))
              .sum();
      assertThat(tags).as(track.name()).isGreaterThanOrEqualTo(4);
    }
  }

  @Test
  void picturesOfTheStreamAreThereForWhoAsks() throws Exception {
    HttpResponse<byte[]> thumbnail = Web.get(server.http("/live/show/thumb.jpg"));
    assertThat(thumbnail.statusCode()).isEqualTo(200);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(thumbnail.body()));
    assertThat(image.getWidth()).isEqualTo(640);
    assertThat(image.getHeight()).isEqualTo(360);
    String storyboard = Web.text(server.http("/live/show/storyboard.vtt"));
    Matcher cue = Pattern.compile("(storyboard-.*jpg)#xywh=\\d+,0,160,90").matcher(storyboard);
    assertThat(cue.find()).as(storyboard).isTrue();
    HttpResponse<byte[]> sheet = Web.get(server.http("/live/show/" + cue.group(1)));
    assertThat(sheet.statusCode()).isEqualTo(200);
    assertThat(ImageIO.read(new ByteArrayInputStream(sheet.body())).getWidth()).isEqualTo(800);
    assertThat(Web.get(server.http("/live/none/thumb.jpg")).statusCode()).isEqualTo(404);
  }

  @Test
  void hlsJsShowsCaptionsAndMetadata() {
    Browser browser = Browser.require();
    Playback playback =
        browser.play(
            Browser.Request.of(
                Browser.Player.HLS,
                server.http("/live/show/master.m3u8"),
                Browser.Codec.H264,
                Duration.ofSeconds(5)));
    List<Map<String, Object>> texts =
        Json.list(Json.object(playback.json()).get("texts")).stream().map(Json::object).toList();
    assertThat(texts)
        .as(playback.json())
        .anySatisfy(
            track ->
                assertThat(track)
                    .containsEntry("kind", "captions")
                    .hasEntrySatisfying(
                        "last", last -> assertThat(last.toString()).contains("LINE 0")))
        .anySatisfy(
            track ->
                assertThat(track)
                    .containsEntry("kind", "metadata")
                    .hasEntrySatisfying(
                        "last", last -> assertThat(last.toString()).contains("second ")));
  }
}
