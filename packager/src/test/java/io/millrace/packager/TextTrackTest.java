package io.millrace.packager;

import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.audio;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.video;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackSink;
import io.millrace.packager.text.CueBook.Verdict;
import io.millrace.packager.text.WebVttFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Text as players of HLS and DASH get it. */
class TextTrackTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:30Z");
  private final Presentation presentation =
      new Presentation(
          PresentationSettings.of("studio").withInstance("x1").withWindow(Duration.ofSeconds(20)),
          () -> true,
          () -> NOW);
  private final LiveFeed feed = new LiveFeed();
  private final TrackSink source = presentation.video(new RenditionSpec("source", 0, 0));
  private final TextTrack english = declare("en", "English");

  private TextTrack declare(String language, String label) {
    TextTrack track =
        presentation.text(
            new RenditionSpec("subtitles-" + language, 200, 0).described(label, language));
    feed.text(track);
    return track;
  }

  private static String text(Document document) {
    return new String(document.bytes(), StandardCharsets.UTF_8);
  }

  private String file(String rendition, String name) {
    MediaObject object = presentation.object(rendition, name);
    assertThat(object).as(name).isNotNull();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    object.parts().forEach(bytes::writeBytes);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static List<String> find(String text, String regex) {
    return Pattern.compile(regex, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .toList();
  }

  private static WebVttFile.Cue cue(long startMs, long endMs, String text) {
    return new WebVttFile.Cue(startMs, endMs, "", text);
  }

  @Test
  void playlistsAndManifestOfAStreamWithText() throws IOException {
    feed.video(source);
    declare("ar", "العربية");
    feed.play(60);
    english.add(2 * SECOND, cue(500, 2_500, "over <i>the</i> edge"));
    english.say(4 * SECOND + SECOND / 2, "said & heard");
    feed.play(9 * 60 + 20 - 60);

    Golden.assertMatches(
        "text-master.m3u8.txt", text(presentation.master(CodecPreference.DEFAULT)));
    Golden.assertMatches("text-media.m3u8.txt", text(presentation.playlist("subtitles-en").full()));
    Golden.assertMatches(
        "text-manifest.mpd.txt", text(presentation.manifest(CodecPreference.DEFAULT)));
    Golden.assertMatches("text-segment.vtt.txt", file("subtitles-en", "seg-x1-1440000.vtt"));
    Golden.assertMatches(
        "text-cmaf.txt",
        Golden.dump(presentation.object("subtitles-en-cmaf", "init-x1-0.mp4").parts().getFirst())
            + Golden.dump(
                presentation.object("subtitles-en-cmaf", "seg-x1-1440000.m4s").parts().getFirst()));
  }

  @Test
  void segmentsAndPartsAreThoseOfTheVideo() {
    feed.video(source);
    feed.play(5 * 60 + 27);
    String video = text(presentation.playlist("source").full());
    String said = text(presentation.playlist("subtitles-en").full());
    for (String tag :
        List.of(
            "^#EXTINF.*",
            "^#EXT-X-PART:DURATION=[0-9.]+",
            "^#EXT-X-PROGRAM-DATE-TIME.*",
            "^#EXT-X-MEDIA-SEQUENCE.*",
            "^#EXT-X-TARGETDURATION.*",
            "^#EXT-X-PART-INF.*")) {
      assertThat(find(said, tag)).as(tag).isEqualTo(find(video, tag)).isNotEmpty();
    }
    assertThat(presentation.playlist("subtitles-en").edge())
        .isEqualTo(presentation.playlist("source").edge());
    assertThat(said).doesNotContain("EXT-X-MAP").contains("../source/media.m3u8\",LAST-MSN=5");
    assertThat(video)
        .contains("RENDITION-REPORT:URI=\"../subtitles-en/media.m3u8\",LAST-MSN=5,LAST-PART=3")
        .doesNotContain("cmaf");
    assertThat(presentation.playlist("subtitles-en-cmaf")).isNull();
    assertThat(presentation.renditions()).extracting(RenditionInfo::name).hasSize(2);
  }

  @Test
  void aCueOverABoundaryIsTheSameInEachSegmentAndPart() {
    feed.video(source);
    feed.play(61);
    assertThat(english.add(0, cue(3_900, 4_300, "twice"))).isEqualTo(Verdict.TAKEN);
    feed.play(180);
    String cue = "\n1\n00:00:03.900 --> 00:00:04.300\ntwice\n";
    assertThat(file("subtitles-en", "seg-x1-720000.vtt")).endsWith(cue);
    assertThat(file("subtitles-en", "seg-x1-1440000.vtt")).endsWith(cue);
    assertThat(file("subtitles-en", "part-x1-1-9.vtt")).endsWith(cue);
    assertThat(file("subtitles-en", "part-x1-2-0.vtt")).endsWith(cue);
    assertThat(file("subtitles-en", "part-x1-2-1.vtt")).endsWith(cue);
    assertThat(file("subtitles-en", "part-x1-2-2.vtt")).doesNotContain("twice");
  }

  @Test
  void whatIsSaidNowIsInThePartThatIsMadeNow() {
    feed.video(source);
    feed.play(2 * 60 + 7);
    assertThat(english.say(4 * SECOND + SECOND / 4, "now")).isEqualTo(Verdict.TAKEN);
    feed.play(5);
    assertThat(file("subtitles-en", "part-x1-2-1.vtt"))
        .contains("00:00:04.250 --> 00:00:04.400\nnow");
    english.say(4 * SECOND + SECOND / 2, "");
    feed.play(6);
    assertThat(file("subtitles-en", "part-x1-2-2.vtt"))
        .contains("00:00:04.400 --> 00:00:04.500\nnow");
    assertThat(english.add(0, cue(0, 4_500, "too late"))).isEqualTo(Verdict.LATE);
    feed.play(60);
    assertThat(file("subtitles-en", "seg-x1-1440000.vtt"))
        .contains("00:00:04.250 --> 00:00:04.500\nnow");
  }

  @Test
  void aTrackThatJoinsAppearsWithTheStreamsNumbers() {
    feed.video(source);
    feed.play(150);
    TextTrack german = declare("de", "Deutsch");
    german.accept(boundary(2, 4 * SECOND, LiveFeed.PART));
    german.say(5 * SECOND, "spät");
    feed.play(90);
    assertThat(text(presentation.master(CodecPreference.DEFAULT)))
        .contains("LANGUAGE=\"de\",NAME=\"Deutsch\"");
    assertThat(text(presentation.playlist("subtitles-de").full()))
        .contains("#EXT-X-MEDIA-SEQUENCE:2\n");
    assertThat(file("subtitles-de", "seg-x1-1440000.vtt")).contains("spät");
  }

  @Test
  void withoutPartsThereIsOneFileASegment() {
    source.accept(video(h264(1280, 720)));
    for (int i = 0; i < 5; i++) {
      source.accept(boundary(i, 2 * i * SECOND));
      english.accept(boundary(i, 2 * i * SECOND));
      Tracks.gop(source, 2 * i * SECOND, 60, 100);
      english.say(2 * i * SECOND + SECOND, "line " + i);
    }
    String playlist = text(presentation.media("subtitles-en"));
    assertThat(find(playlist, "^seg.*")).hasSize(4);
    assertThat(playlist).doesNotContain("EXT-X-PART");
    assertThat(file("subtitles-en", "seg-x1-1440000.vtt")).contains("line 1", "line 2");
  }

  @Test
  void theEndIsWhereTheMediaEnds() {
    feed.video(source);
    feed.play(60 + 30);
    source.accept(new End("gone"));
    english.accept(new End("gone"));
    String open = text(presentation.media("subtitles-en"));
    assertThat(find(open, "^#EXTINF.*")).containsExactly("#EXTINF:2.000000,", "#EXTINF:1.000000,");
    presentation.close();
    assertThat(text(presentation.media("subtitles-en"))).endsWith("#EXT-X-ENDLIST\n");
  }

  @Test
  void theLastSegmentOfAStreamThatIsClosedHasItsText() {
    feed.video(source);
    feed.play(60 + 30);
    english.say(2 * SECOND, "goodbye");
    presentation.close();
    assertThat(file("subtitles-en", "seg-x1-720000.vtt")).contains("goodbye");
  }

  @Test
  void textAloneMakesNoStream() {
    for (int i = 0; i < 9; i++) {
      english.accept(boundary(i, 2 * i * SECOND));
    }
    assertThat(presentation.ready()).isNotDone();
    assertThat(presentation.master(CodecPreference.DEFAULT)).isNull();
  }

  @Test
  void recordingsAreToldOfMediaOnly() {
    List<String> told = new ArrayList<>();
    presentation.onMedia(
        new MediaListener() {
          @Override
          public void interval(
              RenditionSpec rendition,
              RenditionInfo.Kind kind,
              Instant epoch,
              io.millrace.packager.segment.Interval interval) {
            told.add(rendition.name());
          }

          @Override
          public void end() {}
        });
    feed.video(source);
    feed.play(200);
    assertThat(told).containsOnly("source");
  }

  @Test
  void withSoundAloneTextFollowsTheSound() {
    Presentation radio =
        new Presentation(
            PresentationSettings.of("radio").withInstance("r1"), () -> true, () -> NOW);
    TrackSink sound = radio.audio(new RenditionSpec("audio", 9, 0));
    TextTrack words = radio.text(new RenditionSpec("subtitles-en", 200, 0).described(null, "en"));
    sound.accept(audio(Tracks.aac(48_000, 2)));
    for (int i = 0; i < 4; i++) {
      sound.accept(boundary(i, 2 * i * SECOND));
      words.accept(boundary(i, 2 * i * SECOND));
      Tracks.sounds(sound, 2 * i, 2 * i + 2, 100);
    }
    assertThat(text(radio.master(CodecPreference.DEFAULT)))
        .contains("TYPE=SUBTITLES")
        .containsPattern("#EXT-X-STREAM-INF:.*,SUBTITLES=\"subtitles\"\naudio/media.m3u8");
  }
}
