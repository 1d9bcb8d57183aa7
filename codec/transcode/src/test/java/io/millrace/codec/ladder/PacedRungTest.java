package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Clips;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.VideoEncoders;
import io.millrace.media.TrackEvent;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rungs that get faster presets and half the pictures in the middle of a stream. */
class PacedRungTest {
  private static RecordingSink clip;
  private static List<TrackEvent> events;

  private final List<String> opened = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void makeAClip() {
    clip = Clips.record(Clips.small(), 6000);
    events = Clips.live(clip);
  }

  private static Ladder ladder(Profile profile) {
    return new Ladder(
        List.of(
            VideoRung.of("180p", VideoCodec.H264, 180, 300_000, profile),
            VideoRung.of("90p", VideoCodec.AV1, 90, 150_000, profile)),
        null);
  }

  private VideoEncoders watched() {
    return (settings, account) -> {
      opened.add(settings.codec() + " " + settings.preset());
      return LadderRun.ENGINES.open(settings, account);
    };
  }

  /** From the segments given on, counted from 0, both rungs have that pace. */
  private LadderRun run(Profile profile, Map<Integer, RungPace> paces) {
    try (LadderRun run =
        new LadderRun(ladder(profile), clip.videoFormat(), watched(), TranscoderSettings.OFFLINE)) {
      int segment = -1;
      for (TrackEvent event : events) {
        if (event instanceof TrackEvent.Boundary) {
          RungPace pace = paces.get(++segment);
          if (pace != null) {
            run.transcoder.pace("180p", pace);
            run.transcoder.pace("90p", pace);
          }
        }
        run.transcoder.accept(event.retain());
      }
      run.awaitEnds();
      assertThat(run.failures).isEmpty();
      return run;
    }
  }

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

  private static void assertSound(RecordingSink sink) {
    assertThat(sink.events().stream().filter(TrackEvent.Format.class::isInstance))
        .as("init segments")
        .hasSize(1);
    assertThat(segments(sink)).allSatisfy(it -> assertThat(it.getFirst().key()).isTrue());
    long before = Long.MIN_VALUE;
    for (TrackEvent.Sample sample : sink.samples()) {
      assertThat(sample.dtsTicks()).isGreaterThan(before);
      before = sample.dtsTicks();
    }
    DecodedTrack decoded = DecodedTrack.of(sink.videoFormat(), sink.samples());
    assertThat(decoded.damaged()).isZero();
    assertThat(decoded.pictures()).hasSameSizeAs(sink.samples());
  }

  @Test
  void aFasterPresetBeginsAtASegmentAndNeedsNoOtherInitSegment() {
    for (Profile profile : Profile.values()) {
      opened.clear();
      LadderRun run =
          run(
              profile,
              Map.of(
                  1, new RungPace(1, false), 2, new RungPace(2, false), 4, new RungPace(0, false)));
      for (String rung : List.of("180p", "90p")) {
        assertSound(run.sink(rung));
        assertThat(run.sink(rung).samples()).hasSameSizeAs(clip.samples());
      }
      String av1 = profile == Profile.FAST ? "11" : "10";
      assertThat(opened)
          .contains(
              "H264 veryfast",
              "H264 superfast",
              "H264 ultrafast",
              "AV1 " + av1,
              "AV1 " + (Integer.parseInt(av1) + 1),
              "AV1 " + (Integer.parseInt(av1) + 2));
      assertThat(opened.stream().filter(it -> it.startsWith("H264")).toList())
          .containsExactly("H264 veryfast", "H264 superfast", "H264 ultrafast", "H264 veryfast");
    }
  }

  @Test
  void atHalfTheRateEverySecondPictureIsLeftOutAndTheOthersLastTwiceAsLong() {
    LadderRun run = run(Profile.QUALITY, Map.of(1, new RungPace(0, true), 3, RungPace.FULL));
    for (String rung : List.of("180p", "90p")) {
      RecordingSink sink = run.sink(rung);
      assertSound(sink);
      List<List<TrackEvent.Sample>> all = segments(sink);
      int whole = all.getFirst().size();
      assertThat(whole).isEqualTo(25);
      for (int i = 1; i <= 2; i++) {
        assertThat(all.get(i)).as("segment %d of %s", i, rung).hasSize((whole + 1) / 2);
        assertThat(all.get(i).getFirst().durationTicks())
            .isEqualTo(2 * all.getFirst().getFirst().durationTicks());
      }
      assertThat(all.get(3)).hasSize(whole);
      assertThat(all.get(3).getFirst().durationTicks())
          .isEqualTo(all.getFirst().getFirst().durationTicks());
    }
    RungStats stats = run.transcoder.stats().rungs().getFirst();
    assertThat(stats.preset()).isEqualTo("veryfast");
    assertThat(stats.halfRate()).isFalse();
  }

  @Test
  void aPresetThatWouldNeedAnotherInitSegmentIsNotTaken() {
    // An engine whose fastest preset has other parameter sets.
    VideoEncoders engines =
        (settings, account) -> {
          opened.add(settings.preset());
          EncoderSettings really =
              settings.preset().equals("ultrafast")
                  ? new EncoderSettings(
                      settings.codec(),
                      settings.profile(),
                      settings.width(),
                      settings.height(),
                      settings.frameRate(),
                      settings.bitrateBps(),
                      "ultrafast",
                      settings.keyIntervalFrames(),
                      settings.colour())
                  : settings;
          return LadderRun.ENGINES.open(really, account);
        };
    Ladder one =
        new Ladder(
            List.of(VideoRung.of("180p", VideoCodec.H264, 180, 300_000, Profile.FAST)), null);
    try (LadderRun run =
        new LadderRun(one, clip.videoFormat(), engines, TranscoderSettings.OFFLINE)) {
      int segment = -1;
      for (TrackEvent event : events) {
        if (event instanceof TrackEvent.Boundary && ++segment == 1) {
          run.transcoder.pace("180p", new RungPace(2, false));
        }
        run.transcoder.accept(event.retain());
      }
      run.awaitEnds();
      assertThat(run.failures).isEmpty();
      assertSound(run.sink("180p"));
      assertThat(opened).containsExactly("veryfast", "ultrafast", "superfast");
      assertThat(run.transcoder.stats().rungs().getFirst().preset()).isEqualTo("superfast");
    }
  }
}
