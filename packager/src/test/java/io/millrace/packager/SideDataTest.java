package io.millrace.packager;

import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.aac;
import static io.millrace.packager.Tracks.audio;
import static io.millrace.packager.Tracks.av1;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.gop;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.sounds;
import static io.millrace.packager.Tracks.video;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackSink;
import io.millrace.media.caption.CaptionServices;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import io.millrace.packager.bmff.EventMessageBox;
import io.millrace.packager.cue.Splices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is said beside the media: splices, timed metadata, captions. */
class SideDataTest {
  private static final byte[] TAG = "ID3\4\0\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);
  private static final CaptionServices CAPTIONS = new CaptionServices(List.of(1, 3), List.of(1));

  private final Presentation presentation =
      new Presentation(
          PresentationSettings.of("studio").withInstance("x1").withWindow(Duration.ofSeconds(6)),
          () -> true,
          () -> Instant.parse("2026-11-21T10:00:30Z"));
  private final TrackSink h264 = presentation.video(new RenditionSpec("source", 0, 0));
  private final TrackSink av1 = presentation.video(new RenditionSpec("av1", 1, 0));
  private final TrackSink sound = presentation.audio(new RenditionSpec("audio", 9, 0));

  private long partTicks;

  private void formats() {
    h264.accept(video(h264(1280, 720)));
    av1.accept(video(av1(1280, 720)));
    sound.accept(audio(aac(48_000, 2)));
  }

  private void play(int first, int count) {
    for (int i = first; i < first + count; i++) {
      for (TrackSink sink : List.of(h264, av1, sound)) {
        sink.accept(boundary(i, 2 * i * SECOND, partTicks));
        gop(sink, 2 * i * SECOND, 60, 100);
        sounds(sink, 2 * i, 2 * i + 2, 30);
      }
    }
  }

  private void cue(String scheme, double seconds, byte[] message) {
    presentation.cue(new Cue((long) (seconds * SECOND), scheme, message));
  }

  private String media(String rendition) {
    return new String(presentation.media(rendition).bytes(), StandardCharsets.UTF_8);
  }

  private String manifest() {
    return new String(
        presentation.manifest(CodecPreference.DEFAULT).bytes(), StandardCharsets.UTF_8);
  }

  private String master() {
    return new String(presentation.master(CodecPreference.DEFAULT).bytes(), StandardCharsets.UTF_8);
  }

  private List<EventMessageBox> messages(String rendition, long startTicks) {
    MediaObject file = presentation.object(rendition, "seg-x1-" + startTicks + ".m4s");
    return file.parts().stream()
        .flatMap(part -> BoxReader.read(part).stream())
        .flatMap(box -> box instanceof EventMessageBox event ? Stream.of(event) : Stream.empty())
        .toList();
  }

  @Test
  void splicesAreInEveryPlaylistAndInTheManifest() throws IOException {
    formats();
    play(0, 3);
    cue(CueSchemes.SCTE35, 6, Splices.out(9, 4));
    play(3, 3);
    cue(CueSchemes.SCTE35, 10, Splices.in(9));
    presentation.captions(CAPTIONS);
    play(6, 1);
    Golden.assertMatches("media-cues.m3u8.txt", media("source"));
    Golden.assertMatches("manifest-cues.mpd.txt", manifest());
    assertThat(media("audio").lines().filter(line -> line.startsWith("#EXT-X-DATERANGE")))
        .isEqualTo(
            media("source").lines().filter(line -> line.startsWith("#EXT-X-DATERANGE")).toList());
  }

  @Test
  void aPlaylistOnlyGrowsByATagThatComes() {
    formats();
    play(0, 3);
    String before = media("source");
    cue(CueSchemes.SCTE35, 8, Splices.out(9, 4));
    play(3, 1);
    String after = media("source");
    List<String> kept = before.lines().filter(line -> line.startsWith("seg-")).toList();
    assertThat(
            after
                .lines()
                .filter(line -> line.startsWith("seg-") || line.contains("SCTE35"))
                .toList())
        .startsWith(kept.toArray(String[]::new))
        .element(kept.size())
        .asString()
        .contains("SCTE35-OUT");
  }

  @Test
  void tagsSlideOutWithTheirSplice() {
    formats();
    cue(CueSchemes.SCTE35, 1, Splices.out(9, 2));
    play(0, 3);
    assertThat(media("source")).contains("SCTE35-OUT");
    play(3, 5);
    assertThat(media("source")).doesNotContain("#EXT-X-DATERANGE");
    assertThat(manifest()).doesNotContain("EventStream");
  }

  @Test
  void timedMetadataIsInThePartThatCoversItInEveryVideoRendition() {
    partTicks = SECOND / 2;
    formats();
    cue(CueSchemes.ID3, 2.7, TAG);
    play(0, 4);
    for (String rendition : List.of("source", "av1")) {
      assertThat(messages(rendition, 0)).isEmpty();
      assertThat(messages(rendition, 2 * SECOND)).hasSize(1);
      MediaObject file = presentation.object(rendition, "seg-x1-" + 2 * SECOND + ".m4s");
      List<Box> second = BoxReader.read(file.parts().get(1));
      assertThat(second).extracting(Box::type).containsExactly("prft", "emsg", "moof", "mdat");
      assertThat(second.get(1))
          .isEqualTo(
              new EventMessageBox(
                  360_000,
                  972_000,
                  EventMessageBox.UNKNOWN,
                  ((EventMessageBox) second.get(1)).id(),
                  "https://aomedia.org/emsg/ID3",
                  "",
                  TAG));
      assertThat(Fragments.samples(file.parts().get(1))).hasSize(15);
    }
    assertThat(messages("source", 2 * SECOND)).isEqualTo(messages("av1", 2 * SECOND));
    assertThat(presentation.object("audio", "seg-x1-0.m4s").parts())
        .allSatisfy(
            part -> assertThat(BoxReader.read(part)).noneMatch(EventMessageBox.class::isInstance));
    assertThat(
            manifest().split("<InbandEventStream schemeIdUri=\"https://aomedia.org/emsg/ID3\"/>"))
        .as("once in each video set")
        .hasSize(3);
    assertThat(media("source")).doesNotContain("#EXT-X-DATERANGE");
  }

  @Test
  void timedMetadataThatComesTooLateIsInTheNextPart() {
    formats();
    play(0, 1);
    cue(CueSchemes.ID3, 0.5, TAG);
    cue(CueSchemes.ID3, 2.1, TAG);
    play(1, 3);
    assertThat(messages("source", 0))
        .extracting(EventMessageBox::presentationTicks)
        .containsExactly(SECOND / 2);
    assertThat(
            BoxReader.read(presentation.object("source", "seg-x1-720000.m4s").parts().getFirst()))
        .extracting(Box::type)
        .containsExactly("styp", "emsg", "moof", "mdat");
  }

  @Test
  void captionsThatShowUpLaterChangeTheMaster() {
    formats();
    play(0, 2);
    assertThat(master()).doesNotContain("TYPE=CLOSED-CAPTIONS").contains("EXT-X-VERSION:6");
    assertThat(master().lines().filter(line -> line.startsWith("#EXT-X-STREAM-INF")))
        .hasSize(2)
        .allMatch(line -> line.endsWith(",CLOSED-CAPTIONS=NONE"));
    Document before = presentation.master(CodecPreference.DEFAULT);
    presentation.captions(CAPTIONS);
    assertThat(master().lines().filter(line -> line.contains("TYPE=CLOSED-CAPTIONS")))
        .containsExactly(
            "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"CC1\",DEFAULT=NO,"
                + "AUTOSELECT=YES,INSTREAM-ID=\"CC1\"",
            "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"CC3\",DEFAULT=NO,"
                + "AUTOSELECT=NO,INSTREAM-ID=\"CC3\"",
            "#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID=\"cc\",NAME=\"Service 1\",DEFAULT=NO,"
                + "AUTOSELECT=NO,INSTREAM-ID=\"SERVICE1\"");
    assertThat(master()).contains("EXT-X-VERSION:7");
    assertThat(master().lines().filter(line -> line.startsWith("#EXT-X-STREAM-INF")))
        .allMatch(line -> line.endsWith(",CLOSED-CAPTIONS=\"cc\""));
    assertThat(manifest())
        .contains("\"urn:scte:dash:cc:cea-608:2015\" value=\"CC1=und;CC3=und\"")
        .contains("\"urn:scte:dash:cc:cea-708:2015\" value=\"1=lang:und\"");
    Document after = presentation.master(CodecPreference.DEFAULT);
    presentation.captions(CAPTIONS);
    assertThat(presentation.master(CodecPreference.DEFAULT)).isSameAs(after).isNotSameAs(before);
  }
}
