package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Clips;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.media.TrackEvent;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PausedRungTest {
  private static final Ladder TWO =
      new Ladder(
          List.of(
              VideoRung.of("180p", VideoCodec.H264, 180, 300_000, Profile.QUALITY),
              VideoRung.of("90p", VideoCodec.AV1, 90, 150_000, Profile.QUALITY)),
          null);

  private static RecordingSink clip;
  private static List<TrackEvent> events;
  private static int segments;

  @BeforeAll
  static void makeAClip() {
    clip = Clips.record(Clips.small(), 6000);
    events = Clips.live(clip);
    segments = (int) events.stream().filter(TrackEvent.Boundary.class::isInstance).count();
    assertThat(segments).isGreaterThanOrEqualTo(5);
  }

  /**
   * Feeds all; in the segments given, counted from 0, the rungs of {@code names} are not wanted.
   */
  private static void feed(LadderRun run, Set<Integer> paused, String... names) {
    int segment = -1;
    for (TrackEvent event : events) {
      if (event instanceof TrackEvent.Boundary) {
        segment++;
        for (String name : names) {
          run.transcoder.want(name, !paused.contains(segment));
        }
      }
      run.transcoder.accept(event.retain());
    }
    run.awaitEnds();
    assertThat(run.failures).isEmpty();
  }

  /** Samples by segment. */
  private static List<List<TrackEvent.Sample>> segments(RecordingSink sink) {
    List<List<TrackEvent.Sample>> all = new ArrayList<>();
    for (TrackEvent event : sink.events()) {
      switch (event) {
        case TrackEvent.Boundary _ -> all.add(new ArrayList<>());
        case TrackEvent.Sample sample -> all.getLast().add(sample);
        default -> {}
      }
    }
    return all;
  }

  @Test
  void aPausedRungHasEmptySegmentsAndGoesOnWithAKeyFrame() {
    try (LadderRun run =
        new LadderRun(TWO, clip.videoFormat(), LadderRun.ENGINES, TranscoderSettings.OFFLINE)) {
      feed(run, Set.of(1, 2), "90p");
      List<List<TrackEvent.Sample>> whole = segments(run.sink("180p"));
      List<List<TrackEvent.Sample>> paused = segments(run.sink("90p"));
      assertThat(run.sink("90p").boundaries()).isEqualTo(run.sink("180p").boundaries());
      for (int i = 0; i < segments; i++) {
        if (i == 1 || i == 2) {
          assertThat(paused.get(i)).as("segment %d", i).isEmpty();
        } else {
          assertThat(paused.get(i)).as("segment %d", i).hasSameSizeAs(whole.get(i));
          assertThat(paused.get(i).getFirst().key()).isTrue();
          assertThat(paused.get(i).getFirst().ptsTicks())
              .isEqualTo(whole.get(i).getFirst().ptsTicks());
        }
      }
      assertThat(whole.stream().mapToInt(List::size).sum()).isEqualTo(clip.samples().size());
      assertThat(
              DecodedTrack.of(run.sink("90p").videoFormat(), run.sink("90p").samples()).damaged())
          .isZero();
    }
  }

  @Test
  void nothingIsDecodedWhereNoRungIsWanted() {
    try (LadderRun run =
        new LadderRun(TWO, clip.videoFormat(), LadderRun.ENGINES, TranscoderSettings.OFFLINE)) {
      feed(run, Set.of(0, 2, 3), "180p", "90p");
      int kept = 0;
      for (String rung : List.of("180p", "90p")) {
        assertThat(run.sink(rung).boundaries()).hasSize(segments);
        List<List<TrackEvent.Sample>> all = segments(run.sink(rung));
        for (int i = 0; i < segments; i++) {
          assertThat(all.get(i).isEmpty())
              .as("segment %d", i)
              .isEqualTo(Set.of(0, 2, 3).contains(i));
        }
        kept = all.stream().mapToInt(List::size).sum();
        assertThat(
                DecodedTrack.of(run.sink(rung).videoFormat(), run.sink(rung).samples()).damaged())
            .isZero();
      }
      assertThat(run.transcoder.stats().picturesDecoded()).isEqualTo(kept);
    }
  }

  @Test
  void aRungThatIsNotThereMayBePausedAheadOfItsComing() {
    try (LadderRun run =
        new LadderRun(TWO, clip.videoFormat(), LadderRun.ENGINES, TranscoderSettings.OFFLINE)) {
      run.transcoder.want("720p", false);
      feed(run, Set.of());
    }
  }
}
