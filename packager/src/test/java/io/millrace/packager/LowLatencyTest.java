package io.millrace.packager;

import static io.millrace.packager.Tracks.FRAME_30;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackSink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Playlists and manifests with parts, and media that is announced before it is complete. */
class LowLatencyTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:30Z");
  private final Presentation presentation =
      new Presentation(
          PresentationSettings.of("studio").withInstance("x1").withWindow(Duration.ofSeconds(20)),
          () -> true,
          () -> NOW);

  private final LiveFeed feed = new LiveFeed();

  private TrackSink declareVideo(String name, int order) {
    TrackSink sink = presentation.video(new RenditionSpec(name, order, 0));
    feed.video(sink);
    return sink;
  }

  private TrackSink declareAudio() {
    TrackSink sink = presentation.audio(new RenditionSpec("audio", 9, 0));
    feed.audio(sink);
    return sink;
  }

  private static String text(Document document) {
    return new String(document.bytes(), StandardCharsets.UTF_8);
  }

  private String full(String rendition) {
    return text(presentation.playlist(rendition).full());
  }

  private String delta(String rendition) {
    return text(presentation.playlist(rendition).delta());
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

  @Test
  void playlistsInTheMiddleOfASegment() throws IOException {
    declareVideo("source", 0);
    declareVideo("360p", 1);
    declareAudio();
    feed.play(9 * 60 + 20);

    Golden.assertMatches("ll-video.m3u8.txt", full("source"));
    Golden.assertMatches("ll-video-delta.m3u8.txt", delta("source"));
    Golden.assertMatches("ll-audio.m3u8.txt", full("audio"));
    Golden.assertMatches("ll-manifest.mpd.txt", manifest());
  }

  @Test
  void aPartIsListedWithItsLastFrame() {
    declareVideo("source", 0);
    feed.play(120);
    for (int part = 0; part < 9; part++) {
      feed.play(5);
      assertThat(presentation.playlist("source").edge()).isEqualTo(new Edge(2, part));
      feed.play(1);
      assertThat(presentation.playlist("source").edge()).isEqualTo(new Edge(2, part + 1));
      assertThat(presentation.object("source", "part-x1-2-" + part + ".m4s")).isNotNull();
    }
  }

  @Test
  void everyPartAndSegmentIsToldOnceAndEdgesOnlyGrow() {
    declareVideo("source", 0);
    declareAudio();
    feed.play(61);
    List<PresentationUpdate> updates = new ArrayList<>();
    presentation.onUpdate(updates::add);
    feed.play(120);

    for (String rendition : List.of("source", "audio")) {
      List<Edge> edges =
          updates.stream()
              .filter(u -> u.rendition().equals(rendition))
              .map(PresentationUpdate::edge)
              .toList();
      int segments = rendition.equals("source") ? 2 : 1; // audio waits for a frame behind
      assertThat(edges).hasSize(20 + segments).doesNotHaveDuplicates();
      for (int i = 1; i < edges.size(); i++) {
        Edge before = edges.get(i - 1);
        Edge edge = edges.get(i);
        assertThat(edge.contains(before.openSequence(), before.openParts() - 1)).isTrue();
        assertThat(before.contains(edge.openSequence(), edge.openParts())).isFalse();
      }
    }
    assertThat(updates).extracting(PresentationUpdate::version).doesNotHaveDuplicates().isSorted();
  }

  /** A source that begins again, as a file in a loop, has one segment of another length. */
  @Test
  void oneSegmentOfAnotherLengthIsNotExpectedAgain() {
    declareVideo("source", 0);
    feed.play(3 * 60);
    feed.segmentFrames(61);
    feed.play(1);
    feed.segmentFrames(60);
    feed.play(60 + 12);
    assertThat(find(manifest(), "<S [^>]*/>"))
        .as("the fourth has 61 frames, the fifth is being made")
        .containsExactly(
            "<S t=\"0\" d=\"720000\" r=\"2\"/>", "<S d=\"732000\"/>", "<S d=\"720000\"/>");
  }

  @Test
  void whoCountsOnFromAnExpectedLengthGetsTheSegmentThatIsMeant() {
    declareVideo("source", 0);
    declareAudio();
    feed.play(3 * 60);
    feed.segmentFrames(61);
    feed.play(61);
    feed.segmentFrames(60);
    feed.play(60 + 10);
    // The fourth was expected to have 60 frames, and has 61.
    assertThat(presentation.object("source", "seg-x1-2892000.m4s")).isNotNull();
    assertThat(presentation.object("source", "seg-x1-2880000.m4s")).isNull();
    assertThat(presentation.open("source", "seg-x1-3612000.m4s")).isNotNull();
    assertThat(presentation.open("source", "seg-x1-3600000.m4s")).isNull();
    assertThat(presentation.meant("source", "seg-x1-3600000.m4s")).isEqualTo("seg-x1-3612000.m4s");
    assertThat(presentation.meant("source", "seg-x1-2880000.m4s")).isEqualTo("seg-x1-2892000.m4s");
    assertThat(presentation.meant("source", "seg-x1-2713000.m4s")).isEqualTo("seg-x1-2892000.m4s");

    assertThat(presentation.meant("source", "seg-x1-2600000.m4s")).as("far from any").isNull();
    assertThat(presentation.meant("source", "seg-x1-4332000.m4s")).as("not begun").isNull();
    assertThat(presentation.meant("source", "seg-x2-3600000.m4s")).as("another's").isNull();
    assertThat(presentation.meant("source", "seg-x1-.m4s")).isNull();
    assertThat(presentation.meant("source", "seg-x1--5.m4s")).isNull();
    assertThat(presentation.meant("source", "part-x1-4-0.m4s")).isNull();
    assertThat(presentation.meant("source", "init-x1-0.mp4")).isNull();
    assertThat(presentation.meant("none", "seg-x1-3600000.m4s")).isNull();
    String sound = find(text(presentation.media("audio")), "seg-x1-\\d+\\.m4s").getLast();
    long ticks = Long.parseLong(sound.substring("seg-x1-".length(), sound.length() - 4));
    assertThat(presentation.meant("audio", "seg-x1-" + (ticks + 1024) + ".m4s")).isEqualTo(sound);
  }

  @Test
  void segmentIsItsPartsByteForByteAndGrowsByThem() {
    declareVideo("source", 0);
    feed.play(120);
    assertThat(presentation.open("source", "seg-x1-1440000.m4s")).as("not begun").isNull();
    feed.play(1);
    OpenMedia growing = presentation.open("source", "seg-x1-1440000.m4s");
    assertThat(growing.contentType()).isEqualTo("video/mp4");
    assertThat(growing.growth().chunks()).isEmpty();
    assertThat(presentation.object("source", "seg-x1-1440000.m4s")).isNull();
    List<Integer> sizes = new ArrayList<>();
    growing.onGrowth(() -> sizes.add(growing.growth().chunks().size()));
    feed.play(59);
    assertThat(sizes).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(growing.growth().complete()).isFalse();
    feed.play(1);

    assertThat(growing.growth().complete()).isTrue();
    assertThat(growing.growth().abandoned()).isFalse();
    assertThat(presentation.open("source", "seg-x1-1440000.m4s")).isNull();
    byte[] segment = bytes(presentation.object("source", "seg-x1-1440000.m4s").parts());
    ByteArrayOutputStream parts = new ByteArrayOutputStream();
    for (int i = 0; i < 10; i++) {
      parts.writeBytes(bytes(presentation.object("source", "part-x1-2-" + i + ".m4s").parts()));
    }
    assertThat(segment).isEqualTo(parts.toByteArray()).isEqualTo(bytes(growing.growth().chunks()));
    assertThat(Fragments.samples(segment)).hasSize(60);
  }

  private static byte[] bytes(List<byte[]> chunks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    chunks.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private String hint(String rendition) {
    return find(full(rendition), "(?<=PRELOAD-HINT:TYPE=PART,URI=\")[^\"]*").getFirst();
  }

  @Test
  void hintedPartIsCompletedForWhoWaits() {
    declareVideo("source", 0);
    declareAudio();
    feed.play(126);
    for (String rendition : List.of("source", "audio")) {
      for (int i = 0; i < 25; i++) {
        Edge edge = presentation.playlist(rendition).edge();
        String name = hint(rendition);
        OpenMedia hinted = presentation.open(rendition, name);
        assertThat(hinted.growth().isOver()).isFalse();
        assertThat(presentation.object(rendition, name)).isNull();
        while (presentation.playlist(rendition).edge().openParts() == edge.openParts()) {
          feed.play(1);
        }
        if (hinted.growth().complete()) {
          assertThat(presentation.open(rendition, name)).isNull();
          assertThat(bytes(presentation.object(rendition, name).parts()))
              .isEqualTo(bytes(hinted.growth().chunks()));
        } else {
          assertThat(name).as("of a segment whose parts are all there").endsWith("-0.m4s");
          assertThat(hint(rendition)).isEqualTo(name);
        }
      }
    }
  }

  @Test
  void segmentThatIsLongerThanUsualHasItsPartsHinted() {
    declareVideo("source", 0);
    feed.play(60);
    feed.segmentFrames(90);
    feed.play(1);
    List<String> hints = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      feed.play(6);
      hints.add(hint("source").substring("part-x1-".length()));
    }
    assertThat(hints)
        .as("the first has 10 parts, the second 15")
        .startsWith("1-1.m4s", "1-2.m4s")
        .containsSubsequence("1-9.m4s", "2-0.m4s", "1-11.m4s")
        .endsWith("1-13.m4s", "1-14.m4s");
  }

  @Test
  void wrongHintsAreKeptUntilTheirPartComesOrCannotCome() {
    declareVideo("source", 0);
    feed.segmentFrames(90);
    feed.play(60); // the first has 60 frames, the others 90
    feed.play(90 + 60);
    feed.segmentFrames(48);
    feed.play(1);
    assertThat(presentation.playlist("source").edge().openSequence()).isEqualTo(2);
    OpenMedia last = null;
    List<OpenMedia> hinted = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      OpenMedia open = presentation.open("source", hint("source"));
      if (open != last) {
        hinted.add(open);
        last = open;
      }
      feed.play(1);
    }
    long abandoned = hinted.stream().filter(open -> open.growth().abandoned()).count();
    assertThat(abandoned).as("one behind the end of a segment shorter than usual").isEqualTo(1);
    assertThat(hinted.stream().filter(open -> !open.growth().isOver()).count()).isEqualTo(1);
  }

  /** As a player does it: what it has, with the skipped lines from its old copy. */
  @Test
  void deltaAppliedToAnOlderPlaylistIsTheFullOne() {
    declareVideo("source", 0);
    declareAudio();
    feed.play(8 * 60);
    feed.change();
    List<String> older = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      String full = full("source");
      String delta = delta("source");
      String v2 = text(presentation.playlist("source").deltaV2());
      assertThat(v2.replace(",RECENTLY-REMOVED-DATERANGES=\"\"", "")).isEqualTo(delta);
      for (String old : older.subList(Math.max(0, older.size() - 30), older.size())) {
        assertThat(apply(old, delta)).isEqualTo(withoutOldParts(full, delta));
      }
      older.add(full);
      feed.play(3);
    }
    assertThat(delta("source").length()).isLessThan(full("source").length());
    assertThat(delta("source")).contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=");
  }

  /** Segments of a playlist by sequence number, each with the lines in front of its URI. */
  private static TreeMap<Long, String> segments(String playlist, long skipped) {
    long sequence = Long.parseLong(find(playlist, "(?<=MEDIA-SEQUENCE:)\\d+").getFirst()) + skipped;
    TreeMap<Long, String> segments = new TreeMap<>();
    StringBuilder lines = new StringBuilder();
    boolean head = true;
    for (String line : playlist.lines().toList()) {
      head &=
          !line.startsWith("#EXT-X-MAP")
              && !line.startsWith("#EXT-X-PROGRAM")
              && !line.equals("#EXT-X-DISCONTINUITY");
      if (head) {
        continue;
      }
      lines.append(line).append('\n');
      if (!line.startsWith("#")) {
        segments.put(sequence++, lines.toString());
        lines.setLength(0);
      }
    }
    segments.put(Long.MAX_VALUE, lines.toString());
    return segments;
  }

  private static long skipped(String delta) {
    List<String> skip = find(delta, "(?<=SKIPPED-SEGMENTS=)\\d+");
    return skip.isEmpty() ? 0 : Long.parseLong(skip.getFirst());
  }

  /** Old lines for what is skipped, without their parts and what only a first segment says. */
  private static String apply(String old, String delta) {
    long skipped = skipped(delta);
    long first = Long.parseLong(find(delta, "(?<=MEDIA-SEQUENCE:)\\d+").getFirst());
    StringBuilder out = new StringBuilder();
    segments(old, 0).subMap(first, first + skipped).values().forEach(out::append);
    segments(delta, skipped).values().forEach(out::append);
    return out.toString().replaceAll("(?m)^#EXT-X-(PART|MAP):.*\n", "");
  }

  private static String withoutOldParts(String full, String delta) {
    StringBuilder out = new StringBuilder();
    segments(full, 0).values().forEach(out::append);
    return out.toString().replaceAll("(?m)^#EXT-X-(PART|MAP):.*\n", "");
  }

  @Test
  void renditionReportsAreExact() {
    declareVideo("source", 0);
    declareVideo("360p", 1);
    declareAudio();
    feed.play(121);
    for (int i = 0; i < 130; i++) {
      feed.play(1);
      // The audio's playlist is the last one renewed: what it says of the others is of now.
      List<String> reports = find(full("audio"), "(?<=REPORT:).*");
      Edge edge = presentation.playlist("360p").edge();
      long sequence = edge.openParts() > 0 ? edge.openSequence() : edge.openSequence() - 1;
      long part = edge.openParts() > 0 ? edge.openParts() - 1 : 9;
      String tail = ",LAST-MSN=" + sequence + ",LAST-PART=" + part;
      Edge audio = presentation.playlist("audio").edge();
      if (audio.equals(edge)) {
        assertThat(reports)
            .containsExactly(
                "URI=\"../source/media.m3u8\"" + tail, "URI=\"../360p/media.m3u8\"" + tail);
      }
    }
  }

  /** LAST-PART is of the last part there is, and LAST-MSN its segment's (§4.4.5.4). */
  @Test
  void aReportIsOfTheLastPartWhereAGapIsBehindIt() {
    List<TrackSink> sinks = List.of(declareVideo("source", 0), declareVideo("360p", 1));
    feed.play(3 * 60 + 15);
    sinks.forEach(sink -> sink.accept(new End("gone")));
    feed.skip(120);
    feed.boundary((3 * 60 + 15) * FRAME_30);
    feed.boundary((4 * 60 + 15) * FRAME_30);
    assertThat(full("360p")).contains("#EXT-X-GAP\n");
    assertThat(find(full("360p"), "(?<=REPORT:).*"))
        .containsExactly("URI=\"../source/media.m3u8\",LAST-MSN=3,LAST-PART=2");
  }

  @Test
  void partsOfAllRenditionsHaveTheSameIndex() {
    declareVideo("source", 0);
    declareAudio();
    feed.play(6 * 60 + 1);
    String video = full("source");
    String audio = full("audio");
    assertThat(find(audio, "part-x1-\\d+-\\d+\\.m4s(?=\",)"))
        .containsAll(find(video, "part-x1-[3-4]-\\d+\\.m4s(?=\",)"));
    assertThat(find(video, "(?<=PART:DURATION=)[0-9.]+")).containsOnly("0.200000");
    assertThat(find(audio, "(?<=PART-TARGET=)[0-9.]+")).containsExactly("0.213334");
    assertThat(find(audio, "(?<=PART:DURATION=)[0-9.]+"))
        .allSatisfy(d -> assertThat(Double.parseDouble(d)).isBetween(0.85 * 0.2133, 0.213334));
    assertThat(presentation.partTargetUs()).isEqualTo(213_334);
    assertThat(presentation.targetDurationUs()).isEqualTo(2_000_000);
  }

  @Test
  void renditionThatJoinsMidStreamHasTheSameNumbers() {
    declareVideo("source", 0);
    feed.play(4 * 60 + 30);
    declareVideo("late", 1);
    assertThat(presentation.playlist("late")).isNull();
    feed.play(2 * 60);
    assertThat(full("late"))
        .contains("#EXT-X-MEDIA-SEQUENCE:5\n")
        .contains("part-x1-6-4.m4s\"\n")
        .contains("URI=\"../source/media.m3u8\",LAST-MSN=6,LAST-PART=4");
    assertThat(presentation.playlist("late").edge())
        .isEqualTo(presentation.playlist("source").edge());
  }

  @Test
  void discontinuityAtTheLiveEdgeIsToldWithTheFirstPart() {
    declareVideo("source", 0);
    declareAudio();
    feed.play(4 * 60);
    feed.change();
    feed.play(14);

    assertThat(full("source"))
        .contains(
            """
            seg-x1-2160000.m4s
            #EXT-X-DISCONTINUITY
            #EXT-X-MAP:URI="init-x1-1.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:08.250Z
            #EXT-X-PART:DURATION=0.200000,URI="part-x1-4-0.m4s",INDEPENDENT=YES
            """);
    assertThat(presentation.object("source", "init-x1-1.mp4")).isNotNull();
    assertThat(find(manifest(), "<Period id=\"p4\"")).hasSize(1);
    feed.play(50);
    assertThat(full("source"))
        .contains(
            """
            #EXT-X-DISCONTINUITY
            #EXT-X-MAP:URI="init-x1-1.mp4"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:08.250Z
            #EXT-X-PART:DURATION=0.200000,URI="part-x1-4-0.m4s",INDEPENDENT=YES
            """);
  }

  @Test
  void partsOfASegmentThatIsGivenUpStayAndItsOthersAreMissing() {
    Presentation limited =
        new Presentation(
            PresentationSettings.of("studio")
                .withInstance("x1")
                .withLimits(Duration.ofSeconds(30), 7_000),
            () -> true,
            () -> NOW);
    LiveFeed longer = new LiveFeed().video(limited.video(new RenditionSpec("source", 0, 0)));
    longer.play(2 * 60);
    longer.segmentFrames(80); // 8000 bytes
    longer.play(75);
    assertThat(limited.playlist("source").edge()).isEqualTo(new Edge(2, 11));
    OpenMedia never = limited.open("source", "part-x1-2-11.m4s");
    longer.segmentFrames(60);
    longer.play(5 + 1);

    String playlist = text(limited.playlist("source").full());
    assertThat(playlist)
        .contains(
            """
            #EXT-X-PART:DURATION=0.200000,URI="part-x1-2-10.m4s"
            #EXT-X-PART:DURATION=0.200000,URI="part-x1-2-11.m4s",GAP=YES
            #EXT-X-PART:DURATION=0.200000,URI="part-x1-2-12.m4s",GAP=YES
            #EXT-X-PART:DURATION=0.066667,URI="part-x1-2-13.m4s",GAP=YES
            #EXT-X-GAP
            #EXTINF:2.666667,
            gap-x1-2.m4s
            """);
    assertThat(playlist).contains("part-x1-2-0.m4s\",INDEPENDENT=YES\n");
    assertThat(limited.object("source", "part-x1-2-10.m4s")).isNotNull();
    assertThat(limited.object("source", "part-x1-2-11.m4s")).isNull();
    assertThat(never.growth().abandoned()).isTrue();
    assertThat(limited.playlist("source").contains(2, 13)).isTrue();
    longer.play(20 * 60);
    assertThat(limited.object("source", "part-x1-2-10.m4s")).as("long after").isNull();
  }

  @Test
  void outageSealsWhatIsOpenAndLeavesGaps() {
    TrackSink source = declareVideo("source", 0);
    feed.play(3 * 60 + 15);
    OpenMedia growing = presentation.open("source", "seg-x1-2160000.m4s");
    source.accept(new End("gone"));
    assertThat(growing.growth().complete()).isTrue();
    assertThat(presentation.playlist("source").edge()).isEqualTo(new Edge(4, 0));
    OpenMedia next = presentation.open("source", hint("source"));
    assertThat(next.growth().isOver()).as("the publisher may come back").isFalse();

    feed.skip(120);
    feed.boundary((3 * 60 + 15) * FRAME_30);
    feed.play(70);
    assertThat(next.growth().abandoned()).isTrue();
    assertThat(full("source"))
        .contains(
            """
            #EXTINF:0.500000,
            seg-x1-2160000.m4s
            #EXT-X-PROGRAM-DATE-TIME:2026-11-21T10:00:06.750Z
            #EXT-X-GAP
            #EXTINF:4.000000,
            gap-x1-4.m4s
            """);
    assertThat(presentation.playlist("source").edge()).isEqualTo(new Edge(6, 1));
  }

  @Test
  void closedStreamEndsAndLeavesNothingOpen() {
    declareVideo("source", 0);
    feed.play(3 * 60 + 15);
    OpenMedia growing = presentation.open("source", "seg-x1-2160000.m4s");
    presentation.close();
    OpenMedia hinted = presentation.open("source", "part-x1-4-0.m4s");

    assertThat(growing.growth().complete()).isTrue();
    assertThat(hinted).isNull();
    assertThat(presentation.playlist("source").ended()).isTrue();
    assertThat(full("source")).endsWith("#EXT-X-ENDLIST\n").doesNotContain("PRELOAD-HINT");
    assertThat(manifest()).contains("type=\"static\"").doesNotContain("availabilityTime");
  }

  @Test
  void removedRenditionAbandonsWhatItAnnounced() {
    declareVideo("source", 0);
    feed.play(3 * 60 + 15);
    OpenMedia growing = presentation.open("source", "seg-x1-2160000.m4s");
    OpenMedia hinted = presentation.open("source", hint("source"));
    presentation.remove("source");

    assertThat(growing.growth().abandoned()).isTrue();
    assertThat(hinted.growth().abandoned()).isTrue();
    assertThat(presentation.open("source", "seg-x1-2160000.m4s")).isNull();
  }

  @Test
  void growingSegmentIsInTheManifestFromItsFirstFrame() {
    declareVideo("source", 0);
    feed.play(180);
    assertThat(find(manifest(), "<S .*/>")).containsExactly("<S t=\"0\" d=\"720000\" r=\"2\"/>");
    feed.segmentFrames(45);
    feed.play(1);
    assertThat(find(manifest(), "<S .*/>")).containsExactly("<S t=\"0\" d=\"720000\" r=\"3\"/>");
    assertThat(manifest())
        .contains("availabilityTimeOffset=\"1.8\" availabilityTimeComplete=\"false\"");
    feed.play(60);
    feed.play(45);
    assertThat(find(manifest(), "<S .*/>"))
        .as("corrected, and the next one expected to be like it")
        .containsExactly("<S t=\"0\" d=\"720000\" r=\"2\"/>", "<S d=\"540000\" r=\"2\"/>");
  }

  @Test
  void partsGoWhenNoPlaylistThatMayBeInUseListsThem() {
    declareVideo("source", 0);
    feed.play(4 * 60 + 1);
    assertThat(presentation.object("source", "part-x1-0-0.m4s")).isNotNull();
    feed.play(4 * 60);
    assertThat(presentation.object("source", "part-x1-0-0.m4s")).isNull();
    assertThat(presentation.object("source", "seg-x1-0.m4s")).isNotNull();
  }

  @Test
  void manyReadersCauseOneRenderAnUpdate() throws InterruptedException {
    declareVideo("source", 0);
    feed.play(10 * 60);
    long before = presentation.stats().documents();
    feed.play(6);
    assertThat(presentation.stats().documents()).as("nobody has asked").isEqualTo(before);
    LivePlaylist playlist = presentation.playlist("source");
    Set<Document> seen = ConcurrentHashMap.newKeySet();
    CountDownLatch done = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      Thread.ofPlatform()
          .start(
              () -> {
                for (int n = 0; n < 500; n++) {
                  seen.add(playlist.full());
                  seen.add(playlist.delta());
                  seen.add(playlist.deltaV2());
                  seen.add(presentation.media("source"));
                }
                done.countDown();
              });
    }
    assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(seen).hasSize(3);
    assertThat(presentation.stats().documents()).isEqualTo(before + 3);
  }

  @Test
  void playlistThatSomebodyHoldsStaysWhatItWas() {
    declareVideo("source", 0);
    feed.play(9 * 60 + 7);
    LivePlaylist rendered = presentation.playlist("source");
    byte[] bytes = rendered.full().bytes();
    feed.play(1);
    LivePlaylist held = presentation.playlist("source");
    feed.play(20 * 60);
    assertThat(rendered.full().bytes()).isEqualTo(bytes);
    assertThat(held.full().bytes()).as("rendered late, of the same moment").isEqualTo(bytes);
  }

  @Test
  void deltaAndManifestOfAnUpdateDoNotGrowWithTheWindow() {
    List<Integer> deltas = new ArrayList<>();
    for (int seconds : new int[] {30, 300}) {
      Presentation sized =
          new Presentation(
              PresentationSettings.of("studio")
                  .withInstance("x1")
                  .withWindow(Duration.ofSeconds(seconds)),
              () -> true,
              () -> NOW);
      LiveFeed longer = new LiveFeed().video(sized.video(new RenditionSpec("source", 0, 0)));
      longer.play(200 * 60 + 20);
      assertThat(find(text(sized.playlist("source").full()), "^seg-")).hasSize(seconds / 2);
      deltas.add(
          text(sized.playlist("source").delta())
              .replaceAll("(SEQUENCE:|SEGMENTS=)\\d+", "$1")
              .length());
      assertThat(find(text(sized.manifest(CodecPreference.DEFAULT)), "<S .*/>")).hasSize(1);
    }
    assertThat(deltas.get(1)).isEqualTo(deltas.get(0));
  }

  @Test
  void stalledPublisherChangesNothing() {
    declareVideo("source", 0);
    feed.play(3 * 60 + 15);
    LivePlaylist before = presentation.playlist("source");
    OpenMedia hinted = presentation.open("source", hint("source"));
    assertThat(before.edge()).isEqualTo(new Edge(3, 2));
    assertThat(hinted.growth().isOver()).isFalse();
    feed.skip(60); // the key frame comes two seconds late
    feed.play(1);
    assertThat(hinted.growth().complete()).as("what there was of it").isTrue();
    assertThat(presentation.playlist("source").edge()).isEqualTo(new Edge(4, 0));
    feed.play(6);
    assertThat(presentation.playlist("source").edge()).isEqualTo(new Edge(4, 1));
  }

  @Test
  void wakesComeOnceForEachRegistration() {
    declareVideo("source", 0);
    feed.play(121);
    OpenMedia growing = presentation.open("source", "seg-x1-1440000.m4s");
    List<String> woken = new ArrayList<>();
    Runnable same = () -> woken.add("same");
    Presentation.Registration first = growing.onGrowth(same);
    Presentation.Registration second = growing.onGrowth(same);
    feed.play(6);
    assertThat(woken).hasSize(2);
    first.close();
    first.close();
    feed.play(6);
    assertThat(woken).hasSize(3);
    second.close();
    feed.play(60);
    assertThat(woken).hasSize(3);
  }
}
