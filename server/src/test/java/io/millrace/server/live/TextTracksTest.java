package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.media.TextMessage;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionInfo;
import io.millrace.packager.text.WebVttFile;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTracksTest {
  private static final long SECOND = 360_000;
  private static final Instant EPOCH = Instant.parse("2026-11-21T00:00:00Z");

  private final Presentation presentation =
      new Presentation(PresentationSettings.of("a").withInstance("x"), () -> true);
  private final TextTracks tracks = new TextTracks(new StreamKey("live", "a"), presentation);

  private List<String> names() {
    return presentation.renditions().stream().map(RenditionInfo::name).toList();
  }

  private void boundary(long sequence) {
    tracks.accept(new Boundary(sequence, 2 * sequence * SECOND, EPOCH, false));
  }

  private String segment(String rendition, long sequence) {
    byte[] bytes =
        presentation
            .object(rendition, "seg-x-" + 2 * sequence * SECOND + ".vtt")
            .parts()
            .getFirst();
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void whatIsSaidGoesToItsLanguageOrToTheFirst() {
    tracks.declare(List.of("de", "en"));
    boundary(0);
    tracks.say(new TextMessage("ENG", "hello").at(SECOND));
    tracks.say(new TextMessage("", "hallo").at(SECOND));
    tracks.say(new TextMessage("fr", "salut").at(SECOND));
    tracks.say(new TextMessage("not a tag", "?").at(SECOND));
    boundary(1);
    assertThat(names())
        .containsExactly("subtitles-de", "subtitles-en", "subtitles-fr", "subtitles-und");
    assertThat(segment("subtitles-de", 0)).contains("hallo").doesNotContain("hello");
    assertThat(segment("subtitles-en", 0)).contains("hello");
    assertThat(segment("subtitles-fr", 0)).contains("salut");
  }

  @Test
  void languagesAreBounded() {
    for (int i = 0; i < 20; i++) {
      tracks.say(new TextMessage("x" + (char) ('a' + i) + "x", "text").at(0));
    }
    assertThat(names()).hasSize(TextTracks.MAX_TRACKS);
    assertThat(tracks.add("nl", 0, List.of())).isNull();
  }

  @Test
  void cuesOfAFileAreCounted() {
    tracks.declare(List.of("en"));
    boundary(0);
    boundary(1);
    List<WebVttFile.Cue> cues =
        List.of(
            new WebVttFile.Cue(0, 1_000, "", "over"),
            new WebVttFile.Cue(500, 3_000, "", "half over"),
            new WebVttFile.Cue(60_000, 61_000, "", "much later"));
    assertThat(tracks.add("en", 0, cues)).isEqualTo(new SubtitleCounts(2, 1, 0));
    boundary(2);
    assertThat(segment("subtitles-en", 1)).contains("00:00:00.500 --> 00:00:03.000\nhalf over");
  }
}
