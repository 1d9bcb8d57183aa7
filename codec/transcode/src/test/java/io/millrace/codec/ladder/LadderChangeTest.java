package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Clips;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.VideoEncoders;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LadderChangeTest {
  private static final VideoRung KEPT =
      VideoRung.of("180p", VideoCodec.H264, 180, 300_000, Profile.FAST);
  private static final VideoRung LEAVES =
      VideoRung.of("90p", VideoCodec.H264, 90, 150_000, Profile.QUALITY);
  private static final VideoRung JOINS =
      VideoRung.of("120p", VideoCodec.AV1, 120, 150_000, Profile.FAST);

  private static RecordingSink clip;
  private static List<TrackEvent> events;
  private static List<Boundary> boundaries;

  @BeforeAll
  static void makeAClip() {
    clip = Clips.record(Clips.small(), 6000);
    events = Clips.live(clip);
    boundaries =
        events.stream().filter(Boundary.class::isInstance).map(Boundary.class::cast).toList();
    assertThat(boundaries).hasSizeGreaterThanOrEqualTo(5);
  }

  /** Encoders opened so far, by the height of their pictures. */
  private final Map<Integer, Integer> opened = new ConcurrentHashMap<>();

  private final VideoEncoders counting =
      (settings, account) -> {
        opened.merge(settings.height(), 1, Integer::sum);
        return LadderRun.ENGINES.open(settings, account);
      };

  private static Ladder ladder(VideoRung... rungs) {
    return new Ladder(List.of(rungs), null);
  }

  private LadderRun open(Ladder ladder) {
    return new LadderRun(ladder, clip.videoFormat(), counting, TranscoderSettings.OFFLINE);
  }

  /** Feeds all, with another ladder from each of the boundaries on, counted from 0. */
  private static void feed(LadderRun run, Map<Integer, Ladder> changes) {
    int segment = -1;
    LadderPlan plan = run.plan;
    for (TrackEvent event : events) {
      if (event instanceof Boundary) {
        Ladder next = changes.get(++segment);
        if (next != null) {
          plan = plan.changed(next, clip.videoFormat());
          run.transcoder.change(plan, run);
        }
      }
      run.transcoder.accept(event.retain());
    }
    run.awaitEnds();
    assertThat(run.failures).isEmpty();
  }

  private static List<Long> sequences(RecordingSink sink) {
    return sink.boundaries().stream().map(Boundary::sequence).toList();
  }

  private static List<Long> sequences(int from, int to) {
    return boundaries.subList(from, to).stream().map(Boundary::sequence).toList();
  }

  private static long formats(RecordingSink sink) {
    return sink.events().stream().filter(TrackEvent.Format.class::isInstance).count();
  }

  /** Every picture decodes, and segments begin with a key frame at their boundary. */
  private static void assertWhole(RecordingSink sink) {
    assertThat(DecodedTrack.of(sink.videoFormat(), sink.samples()).damaged()).isZero();
    for (Boundary boundary : sink.boundaries()) {
      assertThat(sink.samples())
          .anyMatch(sample -> sample.key() && sample.ptsTicks() == boundary.startTicks());
    }
  }

  @Test
  void whatIsTheSameGoesOnAndWhatIsNewJoinsAtTheBoundary() {
    try (LadderRun run = open(ladder(KEPT, LEAVES))) {
      feed(run, Map.of());
    }
    int usual = opened.get(180);
    opened.clear();
    try (LadderRun run = open(ladder(KEPT, LEAVES))) {
      feed(run, Map.of(2, ladder(JOINS, KEPT)));

      assertThat(opened).containsEntry(180, usual);
      assertThat(formats(run.sink("180p"))).isOne();
      assertThat(run.sink("180p").samples()).hasSize(clip.samples().size());
      assertThat(sequences(run.sink("180p"))).isEqualTo(sequences(0, boundaries.size()));
      assertWhole(run.sink("180p"));

      assertThat(run.sink("120p").boundaries()).isEqualTo(boundaries.subList(2, boundaries.size()));
      assertWhole(run.sink("120p"));

      assertThat(run.sink("90p").boundaries()).isEqualTo(boundaries.subList(0, 2));
      assertThat(run.sink("90p").events().getLast()).isSameAs(LadderEngine.LEFT);
      assertWhole(run.sink("90p"));
      assertThat(run.sink("90p").samples().size() + run.sink("120p").samples().size())
          .isEqualTo(clip.samples().size());
      assertThat(run.transcoder.stats().picturesDecoded()).isEqualTo(clip.samples().size());
    }
  }

  @Test
  void otherSettingsAreAnotherEncoderInTheSamePlace() {
    VideoRung better = VideoRung.of("180p", VideoCodec.H264, 180, 900_000, Profile.FAST);
    try (LadderRun run = open(ladder(KEPT))) {
      feed(run, Map.of());
    }
    int usual = opened.get(180);
    opened.clear();
    try (LadderRun run = open(ladder(KEPT))) {
      feed(run, Map.of(2, ladder(better)));
      assertThat(opened).containsEntry(180, usual + 1);
      assertThat(run.sink("180p").boundaries()).isEqualTo(boundaries);
      assertThat(run.sink("180p").samples()).hasSize(clip.samples().size());
      assertWhole(run.sink("180p"));
      long half = boundaries.get(2).startTicks();
      assertThat(bytes(run.sink("180p"), half, Long.MAX_VALUE))
          .isGreaterThan(2 * bytes(run.sink("180p"), boundaries.get(1).startTicks(), half));
    }
  }

  private static long bytes(RecordingSink sink, long fromTicks, long toTicks) {
    return sink.samples().stream()
        .filter(sample -> sample.ptsTicks() >= fromTicks && sample.ptsTicks() < toTicks)
        .mapToLong(TrackEvent.Sample::sizeBytes)
        .sum();
  }

  @Test
  void aLadderWithoutRungsGetsSomeAndLosesThemAgain() {
    try (LadderRun run = open(ladder())) {
      feed(run, Map.of(1, ladder(KEPT), 3, ladder()));
      assertThat(run.sink("180p").boundaries()).isEqualTo(boundaries.subList(1, 3));
      assertThat(run.sink("180p").events().getLast()).isSameAs(LadderEngine.LEFT);
      assertWhole(run.sink("180p"));
      assertThat(run.transcoder.stats().picturesDecoded()).isLessThan(clip.samples().size());
    }
  }

  @Test
  void aRungMayComeAndGoAtEveryBoundary() {
    try (LadderRun run = open(ladder(KEPT))) {
      feed(
          run,
          Map.of(
              1, ladder(KEPT, LEAVES),
              2, ladder(KEPT),
              3, ladder(LEAVES, KEPT),
              4, ladder(KEPT)));
      assertThat(sequences(run.sink("180p"))).isEqualTo(sequences(0, boundaries.size()));
      assertThat(run.sink("180p").samples()).hasSize(clip.samples().size());
      assertThat(run.sink("90p").boundaries())
          .containsExactlyElementsOf(Stream.of(boundaries.get(1), boundaries.get(3)).toList());
      assertThat(run.sink("90p").events().stream().filter(event -> event == LadderEngine.LEFT))
          .hasSize(2);
      assertWhole(run.sink("90p"));
    }
  }

  @Test
  void aRungThatJoinsPausedStaysSoUntilItIsWanted() {
    List<Boundary> made = new ArrayList<>();
    try (LadderRun run = open(ladder(KEPT))) {
      run.transcoder.want("90p", false);
      feed(run, Map.of(1, ladder(KEPT, LEAVES)));
      made.addAll(run.sink("90p").boundaries());
      assertThat(run.sink("90p").samples()).isEmpty();
    }
    assertThat(made).isEqualTo(boundaries.subList(1, boundaries.size()));
  }
}
