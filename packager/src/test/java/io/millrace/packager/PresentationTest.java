package io.millrace.packager;

import static io.millrace.packager.Tracks.SECOND;
import static io.millrace.packager.Tracks.aac;
import static io.millrace.packager.Tracks.audio;
import static io.millrace.packager.Tracks.av1;
import static io.millrace.packager.Tracks.av1Hdr;
import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.discontinuity;
import static io.millrace.packager.Tracks.frame;
import static io.millrace.packager.Tracks.gop;
import static io.millrace.packager.Tracks.h264;
import static io.millrace.packager.Tracks.hevcHdr;
import static io.millrace.packager.Tracks.opus;
import static io.millrace.packager.Tracks.segment;
import static io.millrace.packager.Tracks.sounds;
import static io.millrace.packager.Tracks.video;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class PresentationTest {
  private static final PresentationSettings SETTINGS =
      PresentationSettings.of("studio").withInstance("x1").withWindow(Duration.ofSeconds(10));

  private Instant now = Instant.parse("2026-11-21T10:00:30Z");
  private final Presentation presentation = new Presentation(SETTINGS, () -> true, () -> now);

  private static RenditionSpec spec(String name, int order) {
    return new RenditionSpec(name, order, 0);
  }

  private static String text(Document document) {
    return new String(document.bytes(), StandardCharsets.UTF_8);
  }

  private String master(CodecPreference preference) {
    return text(presentation.master(preference));
  }

  private String media(String rendition) {
    return text(presentation.media(rendition));
  }

  private String manifest() {
    return text(presentation.manifest(CodecPreference.DEFAULT));
  }

  private static List<String> find(String text, String regex) {
    return Pattern.compile(regex, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .toList();
  }

  /** Two seconds a segment: the same boundaries for every sink. */
  private static void play(int first, int count, TrackSink... sinks) {
    for (int i = first; i < first + count; i++) {
      for (TrackSink sink : sinks) {
        sink.accept(boundary(i, 2 * i * SECOND));
        gop(sink, 2 * i * SECOND, 60, 1000);
        sounds(sink, 2 * i, 2 * i + 2, 300);
      }
    }
  }

  @Test
  void ladderOfTwoCodecsWithAudio() throws IOException {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink low = presentation.video(spec("360p", 2));
    TrackSink av1 = presentation.video(spec("av1-720p", 1));
    TrackSink audio = presentation.audio(spec("audio", 9));
    source.accept(video(h264(1280, 720)));
    low.accept(video(h264(640, 360)));
    av1.accept(video(av1(1280, 720)));
    audio.accept(audio(aac(48_000, 2)));
    play(0, 8, source, low, av1, audio);

    Golden.assertMatches("master-default.m3u8.txt", master(CodecPreference.DEFAULT));
    Golden.assertMatches("master-av1-first.m3u8.txt", master(CodecPreference.AV1_FIRST));
    Golden.assertMatches("master-h264-only.m3u8.txt", master(CodecPreference.H264_ONLY));
    Golden.assertMatches("media-video.m3u8.txt", media("source"));
    Golden.assertMatches("media-audio.m3u8.txt", media("audio"));
    Golden.assertMatches("manifest-default.mpd.txt", manifest());
    Golden.assertMatches(
        "manifest-av1-first.mpd.txt", text(presentation.manifest(CodecPreference.AV1_FIRST)));
  }

  /** A multitrack push: renditions of the broadcaster's, two languages, and a comment in Opus. */
  @Test
  void manyTracksOfOnePublisher() throws IOException {
    TrackSink high = presentation.video(spec("source", 0));
    TrackSink hevc = presentation.video(spec("source-2", 1));
    TrackSink low = presentation.video(spec("source-3", 2));
    TrackSink english = presentation.audio(spec("audio", 100).described("Commentary", "en"));
    TrackSink german = presentation.audio(spec("audio-2", 101).described("Commentary", "de"));
    TrackSink arena = presentation.audio(spec("audio-3", 102));
    TrackSink opus = presentation.audio(spec("audio-4", 103).described("Räum & <Co>", null));
    high.accept(video(h264(1920, 1080)));
    hevc.accept(video(hevcHdr()));
    low.accept(video(h264(640, 360)));
    english.accept(audio(aac(48_000, 2)));
    german.accept(audio(aac(48_000, 2)));
    arena.accept(audio(aac(48_000, 6)));
    opus.accept(audio(opus()));
    play(0, 8, high, hevc, low, english, german, arena, opus);

    Golden.assertMatches("master-many-tracks.m3u8.txt", master(CodecPreference.DEFAULT));
    Golden.assertMatches("manifest-many-tracks.mpd.txt", manifest());
    assertThat(find(master(CodecPreference.H264_ONLY), "^source.*"))
        .containsExactly(
            "source/media.m3u8", "source-3/media.m3u8", "source/media.m3u8", "source-3/media.m3u8");
  }

  @Test
  void adaptationSetOfAnAudioTrackKeepsItsIdWhenAnotherGoes() {
    TrackSink first = presentation.audio(spec("audio", 0));
    TrackSink second = presentation.audio(spec("audio-2", 1));
    TrackSink third = presentation.audio(spec("audio-3", 2));
    for (TrackSink sink : List.of(first, second, third)) {
      sink.accept(audio(aac(48_000, 2)));
    }
    play(0, 4, first, second, third);
    assertThat(find(manifest(), "AdaptationSet id=\"\\d+\""))
        .containsExactly(
            "AdaptationSet id=\"0\"", "AdaptationSet id=\"100\"", "AdaptationSet id=\"101\"");
    presentation.remove("audio-2");
    assertThat(find(manifest(), "AdaptationSet id=\"\\d+\""))
        .containsExactly("AdaptationSet id=\"0\"", "AdaptationSet id=\"101\"");
  }

  @Test
  void severalAudioTracksWithoutAPictureAreOneVariant() {
    TrackSink first = presentation.audio(spec("audio", 0));
    TrackSink second = presentation.audio(spec("audio-2", 1).described(null, "fr"));
    first.accept(audio(aac(48_000, 2)));
    second.accept(audio(aac(48_000, 2)));
    play(0, 3, first, second);

    assertThat(master(CodecPreference.DEFAULT))
        .contains("NAME=\"audio\",DEFAULT=YES")
        .contains("LANGUAGE=\"fr\",NAME=\"audio-2\",DEFAULT=NO,AUTOSELECT=YES")
        .containsOnlyOnce("#EXT-X-STREAM-INF:")
        .contains("CODECS=\"mp4a.40.2\",AUDIO=\"audio\"\naudio/media.m3u8\n");
  }

  @Test
  void dynamicRangeIsToldAndNeverMixedInOneSet() {
    TrackSink pq = presentation.video(spec("pq", 0));
    TrackSink sdr = presentation.video(spec("sdr", 1));
    pq.accept(video(av1Hdr()));
    sdr.accept(video(av1(640, 360)));
    play(0, 4, pq, sdr);

    assertThat(find(master(CodecPreference.DEFAULT), "VIDEO-RANGE=\\w+"))
        .containsExactly("VIDEO-RANGE=PQ", "VIDEO-RANGE=SDR");
    assertThat(find(manifest(), "<AdaptationSet id=\"\\d+\"|cicp:\\w+\" value=\"\\d+\""))
        .containsExactly(
            "<AdaptationSet id=\"12\"",
            "cicp:ColourPrimaries\" value=\"9\"",
            "cicp:TransferCharacteristics\" value=\"16\"",
            "cicp:MatrixCoefficients\" value=\"9\"",
            "<AdaptationSet id=\"2\"");
  }

  @Test
  void isReadyWhenEveryDeclaredRenditionHasASegment() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink low = presentation.video(spec("360p", 1));
    source.accept(video(h264(1280, 720)));
    low.accept(video(h264(640, 360)));

    play(0, 2, source);
    assertThat(presentation.ready()).isNotDone();
    assertThat(presentation.master(CodecPreference.DEFAULT)).isNull();
    assertThat(presentation.manifest(CodecPreference.DEFAULT)).isNull();
    assertThat(presentation.media("source")).as("is there by itself").isNotNull();

    play(0, 2, low);
    assertThat(presentation.ready()).isCompleted();
    assertThat(find(master(CodecPreference.DEFAULT), "^.*/media.m3u8"))
        .containsExactly("source/media.m3u8", "360p/media.m3u8");
  }

  @Test
  void renditionThatIsLateJoinsTheMasterWithTheSameSequenceNumber() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink late = presentation.video(spec("av1", 1));
    source.accept(video(h264(1280, 720)));
    late.accept(video(av1(640, 360)));
    play(0, 4, source);
    assertThat(presentation.ready()).as("after three segments").isCompleted();
    assertThat(master(CodecPreference.DEFAULT)).doesNotContain("av1/");

    late.accept(boundary(2, 4 * SECOND)); // an interval that it missed
    play(3, 2, late);
    assertThat(master(CodecPreference.DEFAULT)).contains("av1/media.m3u8");
    assertThat(media("av1")).contains("#EXT-X-MEDIA-SEQUENCE:3\n").doesNotContain("EXT-X-GAP");
    assertThat(manifest()).contains("id=\"av1\"");
  }

  @Test
  void renditionThatWasNotMadeForAWhileIsListedAnewAtItsSiblingsNumber() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink av1 = presentation.video(spec("av1", 1));
    source.accept(video(h264(1280, 720)));
    av1.accept(video(av1(640, 360)));
    play(0, 2, source, av1);
    presentation.listAnewBehindGap("av1", true);
    for (int i = 2; i < 4; i++) {
      play(i, 1, source);
      av1.accept(boundary(i, 2 * i * SECOND));
    }
    assertThat(find(media("av1"), "^#EXT-X-GAP")).as("while it is not made").isNotEmpty();
    assertThat(master(CodecPreference.DEFAULT)).contains("av1/media.m3u8");
    assertThat(presentation.newestSegment("av1")).isOne();

    play(4, 3, source, av1);
    assertThat(presentation.newestSegment("av1")).isEqualTo(5);
    assertThat(media("av1")).contains("#EXT-X-MEDIA-SEQUENCE:4\n").doesNotContain("EXT-X-GAP");
    assertThat(find(media("av1"), "^#EXT-X-PROGRAM-DATE-TIME.*"))
        .containsExactly("#EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:08.250Z");
    assertThat(find(media("source"), "^seg-.*")).containsAll(find(media("av1"), "^seg-.*"));
    assertThat(find(manifest(), "<S t=.*")).as("of each, without a hole").hasSize(2);
  }

  @Test
  void missingSegmentIsAGapInHlsAndAbsentInDash() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 2, source);
    source.accept(boundary(2, 4 * SECOND));
    play(3, 2, source);

    assertThat(media("source"))
        .contains(
            """
            #EXTINF:2.000000,
            seg-x1-720000.m4s
            #EXT-X-GAP
            #EXTINF:2.000000,
            gap-x1-2.m4s
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:06.250Z
            #EXTINF:2.000000,
            seg-x1-2160000.m4s
            """);
    assertThat(find(manifest(), "<S .*/>"))
        .containsExactly("<S t=\"0\" d=\"720000\" r=\"1\"/>", "<S t=\"2160000\" d=\"720000\"/>");
    assertThat(presentation.object("source", "gap-x1-2.m4s")).isNull();
    assertThat(presentation.renditions().getFirst().gaps()).isEqualTo(1);
  }

  @Test
  void sequenceNumbersAndDatesGoOnOverAnOutage() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink audio = presentation.audio(spec("audio", 1));
    source.accept(video(h264(1280, 720)));
    audio.accept(audio(aac(48_000, 2)));
    play(0, 2, source, audio);
    source.accept(new End("gone"));
    audio.accept(new End("gone"));
    String before = media("source");
    for (TrackSink sink : List.of(source, audio)) {
      sink.accept(boundary(2, 4 * SECOND));
      sink.accept(boundary(3, 6 * SECOND));
    }
    source.accept(video(h264(1280, 720)));
    audio.accept(audio(aac(48_000, 2)));
    play(4, 1, source, audio);
    play(5, 1, source, audio);

    assertThat(before).contains("#EXT-X-MEDIA-SEQUENCE:0\n").doesNotContain("ENDLIST");
    for (String rendition : List.of("source", "audio")) {
      assertThat(find(media(rendition), "^(#EXT-X-GAP|(gap|seg).*m4s)$"))
          .as(rendition)
          .hasSize(7)
          .element(6)
          .asString()
          .startsWith("seg-x1-");
      assertThat(media(rendition)).doesNotContain("DISCONTINUITY").doesNotContain("init-x1-1");
    }
    assertThat(media("source"))
        .contains("#EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:08.250Z\n#EXTINF:2.000000,\nseg");
  }

  @Test
  void formatChangeIsADiscontinuityInEveryRenditionAndANewPeriod() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink audio = presentation.audio(spec("audio", 1));
    source.accept(video(h264(1280, 720)));
    audio.accept(audio(aac(48_000, 2)));
    play(0, 2, source, audio);
    source.accept(video(h264(640, 360)));
    for (TrackSink sink : List.of(source, audio)) {
      sink.accept(discontinuity(2, 4 * SECOND));
    }
    gop(source, 4 * SECOND, 60, 1000);
    source.accept(boundary(3, 6 * SECOND));
    assertThat(manifest()).as("a period without audio is not shown").doesNotContain("id=\"p2\"");
    sounds(audio, 4, 6.1, 300);
    audio.accept(boundary(3, 6 * SECOND));
    sounds(audio, 6.1, 6.2, 300);

    assertThat(media("source"))
        .contains(
            """
            #EXT-X-DISCONTINUITY
            #EXT-X-MAP:URI="init-x1-1.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:04.250Z
            #EXTINF:2.000000,
            """);
    assertThat(media("audio")).contains("#EXT-X-DISCONTINUITY\n").doesNotContain("init-x1-1");
    assertThat(find(manifest(), "<Period.*>"))
        .containsExactly("<Period id=\"p0\" start=\"PT0S\">", "<Period id=\"p2\" start=\"PT4S\">");
    assertThat(manifest())
        .contains("presentationTimeOffset=\"1440000\"")
        .contains("presentationTimeOffset=\"192000\"");
    assertThat(master(CodecPreference.DEFAULT)).contains("RESOLUTION=640x360");
  }

  @Test
  void discontinuitySequenceGrowsWhenTheMarkSlidesOut() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 1, source);
    source.accept(discontinuity(1, 2 * SECOND));
    gop(source, 2 * SECOND, 60, 100);
    List<String> seen = new ArrayList<>();
    for (int i = 2; i < 12; i++) {
      play(i, 1, source);
      String playlist = media("source");
      seen.add(
          find(playlist, "MEDIA-SEQUENCE:\\d+").getFirst().substring(15)
              + find(playlist, "DISCONTINUITY-SEQUENCE:\\d+|DISCONTINUITY$"));
    }
    assertThat(seen)
        .contains(
            "0[DISCONTINUITY]",
            "1[DISCONTINUITY]",
            "2[DISCONTINUITY-SEQUENCE:1]",
            "3[DISCONTINUITY-SEQUENCE:1]");
  }

  @Test
  void renditionThatJoinsAfterADiscontinuityCountsItToo() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 1, source);
    source.accept(discontinuity(1, 2 * SECOND));
    gop(source, 2 * SECOND, 60, 100);
    play(2, 3, source);
    TrackSink late = presentation.video(spec("late", 1));
    late.accept(video(h264(640, 360)));
    play(3, 2, late);

    assertThat(media("late")).contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n");
  }

  @Test
  void closeEndsEverything() throws IOException {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 2, source);
    gop(source, 4 * SECOND, 30, 100);
    presentation.close();
    Sample late = frame(6 * SECOND, 6 * SECOND, true, 10);
    source.accept(late);

    assertThat(late.payload().refCnt()).isZero();
    assertThat(media("source")).endsWith("#EXT-X-ENDLIST\n");
    Golden.assertMatches("manifest-ended.mpd.txt", manifest());
    assertThatThrownBy(() -> presentation.video(spec("x", 1)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void streamShorterThanASegmentIsPlayableOnceItIsClosed() {
    TrackSink source = presentation.video(spec("source", 0));
    presentation.audio(spec("audio", 1));
    source.accept(video(h264(1280, 720)));
    source.accept(boundary(0, 0));
    gop(source, 0, 10, 100);
    presentation.close();

    assertThat(presentation.ready()).isCompleted();
    assertThat(media("source")).contains("#EXTINF:0.333333,").endsWith("#EXT-X-ENDLIST\n");
  }

  @Test
  void closeWithoutAnySegmentFailsReady() {
    presentation.video(spec("source", 0));
    presentation.close();
    assertThatThrownBy(() -> presentation.ready().join())
        .hasCauseInstanceOf(CancellationException.class);
  }

  @Test
  void removedRenditionIsGoneAndItsSinkReleases() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink low = presentation.video(spec("360p", 1));
    source.accept(video(h264(1280, 720)));
    low.accept(video(h264(640, 360)));
    play(0, 3, source, low);
    presentation.remove("360p");
    Sample late = frame(6 * SECOND, 6 * SECOND, true, 10);
    low.accept(late);

    assertThat(late.payload().refCnt()).isZero();
    assertThat(master(CodecPreference.DEFAULT)).doesNotContain("360p");
    assertThat(manifest()).doesNotContain("360p");
    assertThat(presentation.media("360p")).isNull();
    assertThat(presentation.object("360p", "init-x1-0.mp4")).isNull();
    presentation.video(spec("360p", 1)); // the name is free again
  }

  @Test
  void retiredRenditionIsNotListedAndItsMediaIsServedForAWhile() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink low = presentation.video(spec("360p", 1));
    source.accept(video(h264(1280, 720)));
    low.accept(video(h264(640, 360)));
    play(0, 3, source, low);
    presentation.retire("360p");
    Sample late = frame(6 * SECOND, 6 * SECOND, true, 10);
    low.accept(late);

    assertThat(late.payload().refCnt()).isZero();
    assertThat(master(CodecPreference.DEFAULT)).contains("source/").doesNotContain("360p");
    assertThat(manifest()).doesNotContain("360p");
    assertThat(presentation.media("360p")).isNull();
    assertThat(presentation.renditions()).hasSize(1);
    assertThat(presentation.object("360p", "init-x1-0.mp4")).isNotNull();
    assertThat(presentation.object("360p", "seg-x1-1440000.m4s"))
        .as("the segment that was open")
        .isNotNull();

    play(3, 20, source);
    assertThat(presentation.object("360p", "init-x1-0.mp4")).isNull();
    assertThat(presentation.object("360p", "seg-x1-1440000.m4s")).isNull();
  }

  @Test
  void anotherSetOfRenditionsIsAnotherPeriodThatGoesOn() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink low = presentation.video(spec("360p", 1));
    source.accept(video(h264(1280, 720)));
    low.accept(video(h264(640, 360)));
    play(0, 3, source, low);
    presentation.changes(boundary(3, 6 * SECOND));
    presentation.retire("360p");
    TrackSink other = presentation.video(spec("480p", 1));
    other.accept(video(h264(854, 480)));
    play(3, 2, source, other);

    String before = manifest().replaceFirst("(?s)</Period>.*", "");
    assertThat(before)
        .contains("<Period id=\"p0\"", "id=\"source\"", "id=\"360p\"")
        .doesNotContain("480p", "period-continuity");
    String after = manifest().replaceFirst("(?s).*?</Period>", "");
    assertThat(after)
        .contains("<Period id=\"p3\" start=\"PT6S\">", "id=\"source\"", "id=\"480p\"")
        .contains("schemeIdUri=\"urn:mpeg:dash:period-continuity:2015\" value=\"p0\"")
        .contains("presentationTimeOffset=\"2160000\"")
        .doesNotContain("360p");

    play(5, 12, source, other);
    assertThat(manifest()).doesNotContain("360p", "period-continuity").contains("id=\"p3\"");
  }

  @Test
  void retiredRenditionComesBackAtItsSiblingsNumberAndNoNameIsGivenTwice() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink low = presentation.video(spec("360p", 1));
    source.accept(video(h264(1280, 720)));
    low.accept(video(h264(640, 360)));
    play(0, 3, source, low);
    presentation.retire("360p");
    play(3, 2, source);

    TrackSink again = presentation.video(spec("360p", 2));
    again.accept(video(h264(480, 360)));
    play(5, 1, source, again);
    assertThat(presentation.media("360p")).as("no segment yet").isNull();
    assertThat(master(CodecPreference.DEFAULT)).doesNotContain("360p");

    play(6, 2, source, again);
    assertThat(master(CodecPreference.DEFAULT)).contains("360p/media.m3u8").contains("480x360");
    assertThat(media("360p"))
        .contains("#EXT-X-MEDIA-SEQUENCE:5\n")
        .contains("init-x1-1.mp4")
        .doesNotContain("EXT-X-GAP")
        .doesNotContain("EXT-X-DISCONTINUITY\n");
    assertThat(find(media("360p"), "^#EXT-X-PROGRAM-DATE-TIME.*"))
        .containsExactly("#EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:10.250Z");
    assertThat(find(media("source"), "^seg-.*")).containsAll(find(media("360p"), "^seg-.*"));
    assertThat(find(manifest(), "<Period id=\"p\\d+\"")).hasSize(1);
  }

  @Test
  void retiredRenditionThatIsBackAtOnceGoesOn() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink low = presentation.video(spec("360p", 1));
    source.accept(video(h264(1280, 720)));
    low.accept(video(h264(640, 360)));
    play(0, 3, source, low);
    presentation.retire("360p");
    TrackSink again = presentation.video(spec("360p", 1));
    again.accept(video(h264(640, 360)));
    play(3, 3, source, again);
    assertThat(media("360p")).isEqualTo(media("source"));
  }

  @Test
  void redeclaredRenditionHasAnotherPlaceInTheMaster() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink low = presentation.video(spec("360p", 1));
    source.accept(video(h264(1280, 720)));
    low.accept(video(h264(640, 360)));
    play(0, 3, source, low);
    presentation.redeclare(spec("source", 2));
    assertThat(find(master(CodecPreference.DEFAULT), "^.*/media.m3u8"))
        .containsExactly("360p/media.m3u8", "source/media.m3u8");
  }

  @Test
  void filesAreServedForOneMoreWindowAfterTheyAreListed() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 11, source);
    assertThat(media("source")).doesNotContain("seg-x1-0.m4s");
    MediaObject first = presentation.object("source", "seg-x1-0.m4s");
    assertThat(first.durationUs()).isEqualTo(2_000_000);
    assertThat(first.contentType()).isEqualTo("video/mp4");
    assertThat(first.parts().stream().mapToLong(part -> part.length).sum())
        .isEqualTo(first.sizeBytes());

    play(11, 1, source);
    assertThat(presentation.object("source", "seg-x1-0.m4s")).isNull();
    assertThat(presentation.object("source", "init-x1-0.mp4")).isNotNull();
    assertThat(presentation.object("source", "../init-x1-0.mp4")).isNull();
    assertThat(presentation.object("nothing", "init-x1-0.mp4")).isNull();
  }

  @Test
  void initSegmentsGoWithTheirLastSegment() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 2, source);
    source.accept(video(h264(640, 360)));
    play(2, 10, source);
    assertThat(presentation.object("source", "init-x1-0.mp4")).isNotNull();
    play(12, 3, source);
    assertThat(presentation.object("source", "init-x1-0.mp4")).isNull();
    assertThat(presentation.object("source", "init-x1-1.mp4")).isNotNull();
  }

  /** Sound is behind the picture: what has left the picture's window is not a period of sound. */
  @Test
  void periodThatPictureOrSoundHasLostIsNotShown() {
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink audio = presentation.audio(spec("audio", 1));
    source.accept(video(h264(1280, 720)));
    audio.accept(audio(aac(48_000, 2)));
    play(0, 2, source, audio);
    source.accept(video(h264(640, 360)));
    for (TrackSink sink : List.of(source, audio)) {
      sink.accept(discontinuity(2, 4 * SECOND));
      gop(sink, 4 * SECOND, 60, 1000);
      sounds(sink, 4, 6, 300);
    }
    play(3, 3, source, audio);
    assertThat(find(manifest(), "<Period id=\"p\\d+\"|contentType=\"\\w+\""))
        .containsExactly(
            "<Period id=\"p0\"",
            "contentType=\"video\"",
            "contentType=\"audio\"",
            "<Period id=\"p2\"",
            "contentType=\"video\"",
            "contentType=\"audio\"");
    play(6, 2, source);
    assertThat(media("source")).contains("#EXT-X-MEDIA-SEQUENCE:2\n");
    assertThat(media("audio")).as("it has something left").contains("#EXT-X-MEDIA-SEQUENCE:0\n");
    assertThat(find(manifest(), "<Period id=\"p\\d+\"")).containsExactly("<Period id=\"p2\"");
  }

  /** A slate that comes and goes: the same two init segments, each there as long as needed. */
  @Test
  void initSegmentThatComesBackHasItsNameBack() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 2, source);
    MediaObject first = presentation.object("source", "init-x1-0.mp4");
    for (int i = 2; i < 8; i++) {
      source.accept(video(i % 2 == 0 ? h264(640, 360) : h264(1280, 720)));
      source.accept(discontinuity(i, 2 * i * SECOND));
      gop(source, 2 * i * SECOND, 60, 1000);
    }
    source.accept(boundary(8, 16 * SECOND));

    assertThat(find(media("source"), "init-[^\"]*"))
        .containsExactly(
            "init-x1-0.mp4", "init-x1-1.mp4", "init-x1-0.mp4", "init-x1-1.mp4", "init-x1-0.mp4");
    assertThat(find(manifest(), "init-x1-\\d")).contains("init-x1-0", "init-x1-1").hasSize(5);
    assertThat(find(manifest(), "<Period id=\"p\\d+\"")).hasSize(5);

    gop(source, 16 * SECOND, 60, 1000);
    play(9, 12, source);
    assertThat(presentation.object("source", "init-x1-1.mp4")).as("not needed").isNull();
    assertThat(presentation.object("source", "init-x1-0.mp4").parts().getFirst())
        .isEqualTo(first.parts().getFirst());
    source.accept(video(h264(640, 360)));
    assertThat(presentation.object("source", "init-x1-1.mp4")).as("needed again").isNotNull();
  }

  @Test
  void misalignedTrackIsMissingFromTheMasterAndSaysWhy() {
    List<PackagingProblem> problems = new ArrayList<>();
    presentation.onProblem(problems::add);
    TrackSink source = presentation.video(spec("source", 0));
    TrackSink second = presentation.video(spec("source-2", 1));
    source.accept(video(h264(1280, 720)));
    second.accept(video(h264(640, 360)));
    for (int i = 0; i < 5; i++) {
      play(i, 1, source);
      second.accept(boundary(i, 2 * i * SECOND));
      gop(second, 2 * i * SECOND + SECOND / 2, 60, 1000);
    }

    assertThat(presentation.ready()).isCompleted();
    assertThat(master(CodecPreference.DEFAULT)).doesNotContain("source-2");
    assertThat(problems)
        .containsExactly(new PackagingProblem("source-2", 0, "key frame behind the boundary"));
  }

  @Test
  void masterIsRenderedAgainOnlyWhenABitRateMovesByATenth() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 3, source);
    Document before = presentation.master(CodecPreference.DEFAULT);
    now = now.plusSeconds(2);
    segment(source, 3, 6, 1040);
    segment(source, 4, 8, 1040);
    assertThat(presentation.master(CodecPreference.DEFAULT)).isSameAs(before);

    segment(source, 5, 10, 1200);
    play(6, 1, source);
    Document after = presentation.master(CodecPreference.DEFAULT);
    assertThat(after.etag()).isNotEqualTo(before.etag());
    assertThat(after.modified()).isEqualTo(now);
  }

  @Test
  void documentsAreRenderedOncePerUpdateHoweverManyRead() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 4, source);
    long renders = presentation.stats().documents();
    play(4, 1, source);
    assertThat(presentation.stats().documents()).as("nobody has asked").isEqualTo(renders);
    for (int i = 0; i < 1000; i++) {
      presentation.media("source");
      presentation.manifest(CodecPreference.AV1_FIRST);
    }
    assertThat(presentation.stats().documents())
        .as("a media playlist, and one manifest for all preferences: there is one codec")
        .isEqualTo(renders + 2);
    assertThat(presentation.manifest(CodecPreference.AV1_FIRST))
        .isSameAs(presentation.manifest(CodecPreference.DEFAULT));
  }

  @Test
  void targetDurationNeverShrinks() {
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    source.accept(boundary(0, 0));
    gop(source, 0, 30 * 5, 10);
    play(3, 10, source);
    assertThat(media("source")).contains("#EXT-X-TARGETDURATION:5\n");
  }

  @Test
  void audioAloneIsAVariant() {
    TrackSink audio = presentation.audio(spec("audio", 0));
    audio.accept(audio(aac(48_000, 2)));
    play(0, 3, audio);
    assertThat(master(CodecPreference.DEFAULT))
        .contains("CODECS=\"mp4a.40.2\"\naudio/media.m3u8\n")
        .doesNotContain("EXT-X-MEDIA:")
        .doesNotContain("RESOLUTION");
    assertThat(manifest()).contains("contentType=\"audio\"").doesNotContain("video");
  }

  @Test
  void av1AloneIsListedWhateverTheViewerPrefers() {
    TrackSink av1 = presentation.video(spec("av1", 0));
    av1.accept(video(av1(640, 360)));
    play(0, 3, av1);
    assertThat(master(CodecPreference.H264_ONLY)).contains("av1/media.m3u8");
  }

  @Test
  void anyNameIsEscaped() throws Exception {
    String name = "Räum \"1\" & <2>/$3%";
    TrackSink source = presentation.video(spec(name, 0));
    TrackSink audio = presentation.audio(spec("a\"b", 1));
    source.accept(video(h264(1280, 720)));
    audio.accept(audio(aac(48_000, 2)));
    play(0, 3, source, audio);

    assertThat(master(CodecPreference.DEFAULT))
        .contains("\nR%C3%A4um%20%221%22%20%26%20%3C2%3E%2F%243%25/media.m3u8\n")
        .contains("NAME=\"a'b\"");
    var parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    var xml =
        parser.parse(
            new ByteArrayInputStream(presentation.manifest(CodecPreference.DEFAULT).bytes()));
    var representation = xml.getElementsByTagName("Representation").item(0);
    assertThat(representation.getAttributes().getNamedItem("id").getNodeValue())
        .isEqualTo("R%C3%A4um%20%221%22%20%26%20%3C2%3E%2F%243%25");
    assertThat(presentation.media(name)).isNotNull();
  }

  @Test
  void namesThatCannotBeAPathAreRefused() {
    for (String name : List.of("", " ", ".", "..", "a\nb", "\ud800", "x".repeat(200))) {
      assertThatThrownBy(() -> spec(name, 0)).isInstanceOf(IllegalArgumentException.class);
    }
    for (String label : List.of("", "a\u0000b", "\uffff", "x".repeat(200))) {
      assertThatThrownBy(() -> spec("a", 0).described(label, null))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String language : List.of("", "de_DE", "\"", "-de", "abcdefghi")) {
      assertThatThrownBy(() -> spec("a", 0).described(null, language))
          .isInstanceOf(IllegalArgumentException.class);
    }
    presentation.video(spec("a", 0));
    assertThatThrownBy(() -> presentation.audio(spec("a", 0)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listenersLearnOfUpdatesAndProblems() {
    List<PresentationUpdate> updates = new ArrayList<>();
    List<PackagingProblem> problems = new ArrayList<>();
    Presentation.Registration registration = presentation.onUpdate(updates::add);
    presentation.onProblem(problems::add);
    TrackSink source = presentation.video(spec("source", 0));
    source.accept(video(h264(1280, 720)));
    play(0, 2, source);
    assertThat(updates).containsExactly(new PresentationUpdate(1, "source", new Edge(1, 0)));
    assertThat(presentation.version()).isEqualTo(1);

    registration.close();
    gop(source, 4 * SECOND, 40 * 30, 10);
    assertThat(updates).hasSize(1);
    assertThat(problems).containsExactly(new PackagingProblem("source", 1, "no boundary for 30 s"));
  }

  @Test
  void infoTellsWhatARenditionDoes() {
    TrackSink source = presentation.video(spec("source", 5));
    presentation.audio(spec("audio", 1));
    source.accept(video(h264(1280, 720)));
    play(0, 3, source);
    presentation.remove("nothing");

    assertThat(presentation.renditions())
        .extracting(RenditionInfo::name)
        .containsExactly("audio", "source");
    RenditionInfo info = presentation.renditions().get(1);
    assertThat(info.format()).isEqualTo(h264(1280, 720));
    assertThat(info.lastSequence()).isEqualTo(1);
    assertThat(info.segments()).isEqualTo(2);
    assertThat(info.averageBitrateBps()).isBetween(240_000L, 243_000L);
    assertThat(presentation.renditions().getFirst().format()).isNull();
  }

  @Test
  void writingFromAnotherThreadIsCaught() {
    AtomicBoolean owner = new AtomicBoolean(true);
    Presentation owned = new Presentation(SETTINGS, owner::get);
    TrackSink source = owned.video(spec("source", 0));
    owner.set(false);
    assertThatThrownBy(() -> source.accept(boundary(0, 0))).isInstanceOf(AssertionError.class);
    assertThatThrownBy(owned::close).isInstanceOf(AssertionError.class);
  }

  /** Whatever a reader finds in a playlist it can get at once. */
  @Test
  void readersNeverSeeANameWithoutItsFile() throws InterruptedException {
    AtomicReference<String> failure = new AtomicReference<>();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger checked = new AtomicInteger();
    Thread reader =
        new Thread(
            () -> {
              while (!done.get()) {
                Document document = presentation.media("source");
                if (document == null) {
                  continue;
                }
                for (String name : find(text(document), "(init|seg)-[^\"\n]*")) {
                  checked.incrementAndGet();
                  // A slow reader may find it expired: then it is not listed any more, either.
                  if (presentation.object("source", name) == null
                      && media("source").contains(name)) {
                    failure.set(name);
                  }
                }
              }
            });
    reader.start();
    TrackSink source = presentation.video(spec("source", 0));
    for (int i = 0; i < 1000; i++) {
      source.accept(video(h264(1280, 2 * (i / 10 + 1))));
      source.accept(boundary(i, i * SECOND));
      source.accept(frame(i * SECOND, i * SECOND, true, 10));
    }
    done.set(true);
    reader.join();
    assertThat(failure.get()).isNull();
    assertThat(checked.get()).isPositive();
  }
}
