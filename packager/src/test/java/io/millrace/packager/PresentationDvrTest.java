package io.millrace.packager;

import static io.millrace.packager.Tracks.EPOCH;
import static io.millrace.packager.Tracks.FRAME_30;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskWork;
import io.millrace.packager.dvr.DvrDirectory;
import io.millrace.packager.dvr.DvrListener;
import io.millrace.packager.dvr.DvrSettings;
import io.millrace.packager.dvr.DvrStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A window that is longer than memory. */
class PresentationDvrTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:30:00Z");
  private static final StreamKey KEY = new StreamKey("live", "studio");
  private static final int FPS = 30;

  private static final DvrListener QUIET =
      new DvrListener() {
        @Override
        public void failed(String rendition, String reason) {}

        @Override
        public void recovered(String rendition, long holes) {}

        @Override
        public void repaired(String what) {
          throw new AssertionError(what);
        }
      };

  @TempDir Path root;
  private boolean full;

  private final DiskWork disk =
      (bytes, task) -> {
        if (full && bytes > 0) {
          return false;
        }
        task.run();
        return true;
      };

  private DvrDirectory directory;
  private Presentation presentation;
  private LiveFeed feed;

  @BeforeEach
  void start() throws IOException {
    DvrSettings settings = DvrSettings.of(Duration.ofMinutes(10), 1L << 30);
    directory =
        DvrDirectory.open(
            root, 1L << 30, disk, () -> 0, _ -> new DvrDirectory.Rule(settings, QUIET));
    DvrStream stream = directory.stream(KEY, EPOCH, "x1");
    presentation =
        new Presentation(
            PresentationSettings.of("studio").withWindow(Duration.ofMinutes(9)),
            null,
            stream,
            () -> true,
            () -> NOW);
    presentation.restore();
    feed = new LiveFeed();
  }

  private void publish() {
    feed.video(presentation.video(new RenditionSpec("source", 0, 0)));
    feed.audio(presentation.audio(new RenditionSpec("audio", 100, 0, "Deutsch", "de")));
    presentation.declared();
    feed.play(1); // so that each even second seals a segment
  }

  private String full(String rendition) {
    return text(presentation.playlist(rendition).full());
  }

  private static String text(Document document) {
    return new String(document.bytes(), StandardCharsets.UTF_8);
  }

  private static List<String> find(String text, String regex) {
    return Pattern.compile(regex, Pattern.MULTILINE)
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .toList();
  }

  private static List<String> segments(String playlist) {
    return find(playlist, "^seg-.*");
  }

  private byte[] bytes(String rendition, String name) throws IOException {
    MediaObject inMemory = presentation.object(rendition, name);
    if (inMemory == null) {
      return presentation.stored(rendition, name).range().read();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    inMemory.parts().forEach(out::writeBytes);
    return out.toByteArray();
  }

  @Test
  void whatLeavesMemoryIsServedFromDisk() throws IOException {
    publish();
    Map<String, byte[]> fresh = new LinkedHashMap<>();
    for (int second = 0; second < 120; second += 2) {
      feed.play(2 * FPS);
      for (String name : segments(full("source"))) {
        if (!fresh.containsKey(name)) {
          assertThat(presentation.object("source", name)).isNotNull();
          fresh.put(name, bytes("source", name));
        }
      }
    }
    assertThat(segments(full("source"))).hasSize(60).containsExactlyElementsOf(fresh.keySet());
    int onDiskOnly = 0;
    for (Map.Entry<String, byte[]> segment : fresh.entrySet()) {
      onDiskOnly += presentation.object("source", segment.getKey()) == null ? 1 : 0;
      assertThat(bytes("source", segment.getKey())).isEqualTo(segment.getValue());
    }
    assertThat(onDiskOnly).isEqualTo(60 - 16);
    assertThat(find(full("source"), "^#EXT-X-PROGRAM-DATE-TIME")).hasSize(60);
    assertThat(find(text(presentation.manifest(CodecPreference.DEFAULT)), "<S [^>]*"))
        .as("runs of equal segments")
        .hasSizeLessThan(60);
  }

  @Test
  void aManifestListsAnHourWhileTheStreamGoesOn() {
    presentation =
        new Presentation(
            PresentationSettings.of("studio").withWindow(Duration.ofHours(3)),
            () -> true,
            () -> NOW);
    feed.video(presentation.video(new RenditionSpec("source", 0, 0)));
    feed.segmentFrames(2);
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      // Each picture stands for minutes: a boundary now and then is all that is needed.
      for (int j = 0; j < 40; j++) {
        feed.play(1);
        feed.skip(3 * 60 * FPS);
      }
      String manifest = text(presentation.manifest(CodecPreference.DEFAULT));
      assertThat(manifest).contains("timeShiftBufferDepth=\"PT3600S\"");
      sizes.add(find(manifest, "<S ").size());
    }
    assertThat(sizes.get(2)).isEqualTo(sizes.get(1)).isLessThan(40);
    presentation.close();
    assertThat(find(text(presentation.manifest(CodecPreference.DEFAULT)), "<S ").size())
        .as("all of it when it has ended")
        .isGreaterThan(sizes.get(2));
  }

  @Test
  void aRestartGoesOnWithNumbersAndDates() throws IOException {
    publish();
    feed.play(100 * FPS);
    final String before = full("source");
    assertThat(segments(before)).hasSize(50);
    start();
    assertThat(segments(full("source"))).isEqualTo(segments(before));
    assertThat(full("source")).contains("#EXT-X-MEDIA-SEQUENCE:0\n").doesNotContain("ENDLIST");
    String master = text(presentation.master(CodecPreference.DEFAULT));
    assertThat(master).contains("source/media.m3u8").contains("LANGUAGE=\"de\",NAME=\"Deutsch\"");

    Presentation.Resume resume = presentation.resume();
    assertThat(resume.epoch()).isEqualTo(EPOCH);
    assertThat(resume.nextSequence()).isEqualTo(50);
    assertThat(resume.endTicks()).isBetween(100L * FPS * FRAME_30, 100L * FPS * FRAME_30 + 9_000);
    // Ten seconds are missing: five numbers.
    feed.from(55, 110 * FPS);
    publish();
    feed.play(20 * FPS);
    for (String rendition : List.of("source", "audio")) {
      String after = full(rendition);
      assertThat(after).contains("#EXT-X-MEDIA-SEQUENCE:0\n").doesNotContain("DISCONTINUITY");
      assertThat(segments(after)).hasSize(60);
      assertThat(find(after, "^#EXT-X-GAP")).hasSize(5);
      assertThat(find(after, "^#EXT-X-MAP.*")).as("the same init segment").hasSize(1);
      for (String name : segments(after)) {
        assertThat(bytes(rendition, name)).isNotEmpty();
      }
    }
    assertThat(find(full("source"), "^#EXTINF:2.000000")).hasSize(65);
    assertThat(presentation.playlist("source").edge().openSequence()).isEqualTo(65);
    assertThat(find(full("source"), "^#EXT-X-PART:")).isNotEmpty();
  }

  @Test
  void gapsOfARestartLastAsLongAsTheHole() throws IOException {
    publish();
    feed.play(100 * FPS);
    start();
    // A picture more than five whole segments: the sound, which counts, had gone on a little more.
    feed.from(55, 110 * FPS + 1);
    publish();
    feed.play(20 * FPS);
    String after = full("source");
    assertThat(find(after, "^#EXTINF:2.00666[67]")).hasSize(5);
    assertThat(find(after, "^#EXT-X-TARGETDURATION:.*")).containsExactly("#EXT-X-TARGETDURATION:2");
    assertThat(after).contains("#EXT-X-PROGRAM-DATE-TIME:" + EPOCH.plusMillis(110_033));
  }

  @Test
  void aRenditionThatIsNotPublishedAgainGoes() throws IOException {
    publish();
    feed.play(10 * FPS);
    start();
    feed.from(5, 10 * FPS);
    feed.video(presentation.video(new RenditionSpec("source", 0, 0)));
    presentation.declared();
    feed.play(4 * FPS + 1);
    assertThat(presentation.playlist("audio")).isNull();
    assertThat(text(presentation.master(CodecPreference.DEFAULT))).doesNotContain("audio");
    assertThat(segments(full("source"))).hasSize(7);
  }

  @Test
  void aStreamThatHasEndedIsAVideoOnDemand() {
    publish();
    feed.play(60 * FPS);
    presentation.close();
    assertThat(full("source")).as("for those at the live edge").contains("EXT-X-PART:");
    presentation.trim();
    assertThat(full("source"))
        .contains("#EXT-X-PLAYLIST-TYPE:VOD\n")
        .endsWith("#EXT-X-ENDLIST\n")
        .doesNotContain("EXT-X-PART");
    assertThat(text(presentation.manifest(CodecPreference.DEFAULT))).contains("type=\"static\"");
    assertThat(segments(full("source"))).as("the last one lasts a picture").hasSize(31);
  }

  @Test
  void whatCouldNotBeStoredIsListedAsLongAsItIsInMemory() throws IOException {
    publish();
    feed.play(60 * FPS);
    full = true;
    feed.play(20 * FPS);
    assertThat(segments(full("source"))).hasSize(40);
    full = false;
    feed.play(60 * FPS);
    List<String> listed = segments(full("source"));
    assertThat(listed).as("from behind what is missing on").hasSizeBetween(30, 31);
    for (String name : listed) {
      assertThat(bytes("source", name)).isNotEmpty();
    }
    assertThat(full("source")).doesNotContain("EXT-X-GAP");
    feed.play(20 * FPS);
    assertThat(segments(full("source"))).as("it grows again").hasSize(40);
  }

  @Test
  void clipsAreWholeSegmentsOfEveryRendition() {
    publish();
    feed.play(60 * FPS);
    Clip clip = presentation.clip(EPOCH.plusSeconds(11), EPOCH.plusSeconds(20));
    assertThat(clip.isComplete()).isTrue();
    for (String rendition : List.of("source", "audio")) {
      String playlist = text(clip.media(rendition));
      assertThat(playlist)
          .contains("#EXT-X-PLAYLIST-TYPE:VOD\n")
          .contains("#EXT-X-MEDIA-SEQUENCE:5\n")
          .endsWith("#EXT-X-ENDLIST\n")
          .doesNotContain("EXT-X-PART");
      assertThat(segments(full(rendition))).containsSequence(segments(playlist));
      assertThat(segments(playlist)).hasSize(5);
      assertThat(find(playlist, "^#EXT-X-MAP")).hasSize(1);
    }
    assertThat(text(clip.master(CodecPreference.DEFAULT, "?start=1&end=2")))
        .contains("\nsource/media.m3u8?start=1&end=2\n")
        .contains("audio/media.m3u8?start=1&end=2\"");
    String manifest = text(clip.manifest(CodecPreference.DEFAULT));
    assertThat(manifest)
        .contains("type=\"static\"")
        .contains("start=\"PT0S\"")
        .contains("presentationTimeOffset=\"" + 10 * FPS * FRAME_30 + "\"")
        .containsPattern("mediaPresentationDuration=\"PT10(\\.0\\d*)?S\"");
    assertThat(presentation.clip(EPOCH.plusSeconds(3_600), null)).isNull();
    assertThat(presentation.clip(EPOCH.minusSeconds(3_600), EPOCH)).isNull();
  }

  @Test
  void aClipToTheLiveEdgeGrows() {
    publish();
    feed.play(30 * FPS);
    List<Integer> sizes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Clip clip = presentation.clip(EPOCH.plusSeconds(20), null);
      assertThat(clip.isComplete()).isFalse();
      String playlist = text(clip.media("source"));
      assertThat(playlist).doesNotContain("ENDLIST").doesNotContain("PLAYLIST-TYPE");
      sizes.add(segments(playlist).size());
      feed.play(2 * FPS);
    }
    assertThat(sizes).containsExactly(5, 6, 7);
    presentation.close();
    assertThat(presentation.clip(EPOCH.plusSeconds(20), null).isComplete()).isTrue();
  }
}
