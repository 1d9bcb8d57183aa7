package io.millrace.packager;

import static io.millrace.packager.Tracks.EPOCH;
import static io.millrace.packager.Tracks.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackSink;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.packager.cue.Splices;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Delta updates without the date ranges that a player has already (RFC 8216bis §6.2.5.1). */
class DateRangeDeltaTest {
  private static final Pattern ID = Pattern.compile("DATERANGE:ID=\"([^\"]+)\"");
  private static final Pattern GONE = Pattern.compile("RECENTLY-REMOVED-DATERANGES=\"([^\"]*)\"");

  private Instant now = EPOCH;
  private final Presentation presentation =
      new Presentation(
          PresentationSettings.of("studio").withInstance("x1").withWindow(Duration.ofSeconds(20)),
          () -> true,
          () -> now);
  private final LiveFeed feed = new LiveFeed();

  private TrackSink declare(String name) {
    TrackSink sink = presentation.video(new RenditionSpec(name, 0, 0));
    feed.video(sink);
    return sink;
  }

  /** So many parts of 200 ms, in real time. */
  private void play(int parts) {
    for (int i = 0; i < parts; i++) {
      feed.play(6);
      now = now.plusMillis(200);
    }
  }

  private void cue(byte[] message) {
    long ticks = Duration.between(EPOCH, now).toMillis() * SECOND / 1000;
    presentation.cue(new Cue(ticks, CueSchemes.SCTE35, message));
  }

  private String full() {
    return text(presentation.playlist("source").full());
  }

  private String deltaV2() {
    return text(presentation.playlist("source").deltaV2());
  }

  private static String text(Document document) {
    return new String(document.bytes(), StandardCharsets.UTF_8);
  }

  private static Set<String> ranges(String playlist) {
    Set<String> tags = new LinkedHashSet<>();
    playlist.lines().filter(line -> line.startsWith("#EXT-X-DATERANGE")).forEach(tags::add);
    return tags;
  }

  private static Set<String> gone(String delta) {
    Matcher matcher = GONE.matcher(delta);
    assertThat(matcher.find()).as(delta).isTrue();
    return Set.of(matcher.group(1).split("\t"));
  }

  /** As a player does it (§6.3.7). */
  private static Set<String> apply(Set<String> before, String delta) {
    Set<String> after = new LinkedHashSet<>();
    Set<String> gone = gone(delta);
    for (String tag : before) {
      Matcher id = ID.matcher(tag);
      if (id.find() && !gone.contains(id.group(1))) {
        after.add(tag);
      }
    }
    after.addAll(ranges(delta));
    return after;
  }

  @Test
  void deltaAppliedToAPlaylistOfHalfTheSkipBoundaryIsTheFullOne() {
    declare("source");
    play(100);
    List<Set<String>> older = new ArrayList<>();
    int left = 0;
    int told = 0;
    for (int i = 0; i < 300; i++) {
      switch (i % 50) {
        case 3 -> cue(Splices.out(i, 0));
        case 20 -> cue(Splices.in(i - 17));
        case 30 -> cue(Splices.out(1000 + i, 5));
        case 37 -> cue(Splices.cancel(1000 + i - 7));
        default -> {}
      }
      play(1);
      String delta = deltaV2();
      Set<String> whole = ranges(full());
      for (Set<String> old : older.subList(Math.max(0, older.size() - 30), older.size())) {
        assertThat(apply(old, delta)).as(delta).isEqualTo(whole);
      }
      older.add(whole);
      left += whole.size() - ranges(delta).size();
      told += GONE.matcher(delta).results().anyMatch(gone -> !gone.group(1).isEmpty()) ? 1 : 0;
    }
    assertThat(left).as("tags left out").isPositive();
    assertThat(told).as("deltas that name what has gone").isPositive();
  }

  @Test
  void aTagIsLeftOutWhenItHasBeenListedForTheSkipBoundary() {
    declare("source");
    play(100);
    cue(Splices.out(9, 0));
    play(1);
    assertThat(full()).contains("#EXT-X-VERSION:10\n", ",CAN-SKIP-DATERANGES=YES,");
    for (int i = 0; i < 60; i++) {
      assertThat(ranges(deltaV2())).hasSize(1);
      play(1);
    }
    play(1);
    assertThat(ranges(deltaV2())).isEmpty();
    assertThat(deltaV2()).contains(",RECENTLY-REMOVED-DATERANGES=\"\"\n");
    assertThat(ranges(text(presentation.playlist("source").delta())))
        .as("not asked for")
        .isEqualTo(ranges(full()))
        .hasSize(1);
  }

  /** It has not been listed there while it was said long ago elsewhere. */
  @Test
  void aTagThatComesLateInARenditionIsNotLeftOutOfItsDeltas() {
    declare("source");
    play(100);
    cue(Splices.out(9, 0));
    now = now.plusSeconds(15);
    play(1);
    assertThat(ranges(deltaV2())).hasSize(1);
  }

  @Test
  void aPlaylistThatHasEndedHasNoDelta() {
    declare("source");
    cue(Splices.out(9, 0));
    play(100);
    presentation.close();
    LivePlaylist ended = presentation.playlist("source");
    assertThat(ended.deltaV2()).isSameAs(ended.full());
    assertThat(ended.delta()).isSameAs(ended.full());
  }
}
