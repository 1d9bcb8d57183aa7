package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Clips;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.VideoCodec;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LadderTest {
  private static final Ladder BOTH_FAST =
      new Ladder(
          List.of(
              VideoRung.of("h264", VideoCodec.H264, 180, 300_000, Profile.FAST),
              VideoRung.of("av1", VideoCodec.AV1, 180, 300_000, Profile.FAST),
              VideoRung.of("h264-small", VideoCodec.H264, 90, 150_000, Profile.FAST),
              VideoRung.of("av1-small", VideoCodec.AV1, 90, 150_000, Profile.FAST)),
          null);

  private static final Ladder BOTH_QUALITY =
      new Ladder(
          List.of(
              VideoRung.of("h264", VideoCodec.H264, 180, 300_000, Profile.QUALITY),
              VideoRung.of("av1", VideoCodec.AV1, 180, 300_000, Profile.QUALITY),
              VideoRung.of("h264-small", VideoCodec.H264, 90, 150_000, Profile.QUALITY),
              VideoRung.of("av1-small", VideoCodec.AV1, 90, 150_000, Profile.QUALITY)),
          null);

  static Stream<Arguments> sources() {
    TestSourceSettings small = Clips.small();
    return Stream.of(
        Arguments.of("25 fps", small),
        Arguments.of("29.97 fps", small.withFrameRate(new Rational(30000, 1001), 30, false)),
        Arguments.of("50 fps", small.withFrameRate(new Rational(50, 1), 50, false)),
        Arguments.of("59.94 fps", small.withFrameRate(new Rational(60000, 1001), 60, false)),
        Arguments.of("variable rate", small.withFrameRate(new Rational(25, 1), 20, true)),
        Arguments.of("no B-frames", small.withMaxBFrames(0)),
        Arguments.of("portrait", small.withSize(180, 320, 300_000)),
        Arguments.of("odd ratio", small.withSize(322, 182, 300_000)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sources")
  void everyRungCutsAtTheSameInstantsAndDecodes(String name, TestSourceSettings source) {
    RecordingSink clip = Clips.record(source, 3000);
    List<TrackEvent> events = Clips.live(clip);
    for (Ladder ladder : List.of(BOTH_FAST, BOTH_QUALITY)) {
      LadderRun run = LadderRun.of(ladder, events);
      assertThat(run.failures).isEmpty();
      assertThat(run.sinks).hasSize(4);
      run.sinks.forEach((rung, sink) -> checkRung(clip, events, rung, sink));
      checkPictures(run, clip);
    }
  }

  private static void checkRung(
      RecordingSink clip, List<TrackEvent> events, String rung, RecordingSink sink) {
    List<TrackEvent.Boundary> expected =
        events.stream()
            .filter(TrackEvent.Boundary.class::isInstance)
            .map(TrackEvent.Boundary.class::cast)
            .toList();
    assertThat(sink.boundaries()).as(rung).isEqualTo(expected);
    List<TrackEvent> out = sink.events();
    assertThat(out.getFirst()).isInstanceOf(TrackEvent.Format.class);
    assertThat(out.getLast()).isInstanceOf(TrackEvent.End.class);
    long lastDts = Long.MIN_VALUE;
    for (int i = 0; i < out.size(); i++) {
      if (out.get(i) instanceof TrackEvent.Boundary boundary) {
        assertThat(out.get(i + 1)).isInstanceOf(TrackEvent.Sample.class);
        TrackEvent.Sample first = (TrackEvent.Sample) out.get(i + 1);
        assertThat(first.key()).isTrue();
        assertThat(first.ptsTicks()).isEqualTo(boundary.startTicks());
      } else if (out.get(i) instanceof TrackEvent.Sample sample) {
        assertThat(sample.dtsTicks()).as(rung).isGreaterThan(lastDts);
        assertThat(sample.dtsTicks()).isLessThanOrEqualTo(sample.ptsTicks());
        assertThat(sample.durationTicks()).isPositive();
        lastDts = sample.dtsTicks();
      }
    }
    assertThat(sink.samples().stream().filter(TrackEvent.Sample::key).count())
        .as(rung + ": key frames at boundaries and nowhere else")
        .isEqualTo(expected.size());
    assertThat(times(sink)).as(rung).isEqualTo(times(clip));
  }

  private static void checkPictures(LadderRun run, RecordingSink clip) {
    DecodedTrack source = DecodedTrack.of(clip.videoFormat(), clip.samples());
    run.sinks.forEach(
        (rung, sink) -> {
          DecodedTrack decoded = DecodedTrack.of(sink.videoFormat(), sink.samples());
          assertThat(decoded.damaged()).as(rung).isZero();
          assertThat(decoded.times()).as(rung).isEqualTo(source.times());
        });
    boolean sameSize =
        run.sink("h264").videoFormat().width() == clip.videoFormat().width()
            && run.sink("h264").videoFormat().height() == clip.videoFormat().height();
    if (sameSize) {
      for (String rung : List.of("h264", "av1")) {
        RecordingSink sink = run.sink(rung);
        DecodedTrack decoded = DecodedTrack.of(sink.videoFormat(), sink.samples());
        DoubleSummaryStatistics psnr =
            decoded.pictures().entrySet().stream()
                .mapToDouble(entry -> entry.getValue().psnr(source.pictures().get(entry.getKey())))
                .summaryStatistics();
        assertThat(psnr.getMin()).as(rung + " worst PSNR").isGreaterThan(23);
        assertThat(psnr.getAverage()).as(rung + " mean PSNR").isGreaterThan(30);
      }
    }
  }

  private static TreeSet<Long> times(RecordingSink sink) {
    TreeSet<Long> times = new TreeSet<>();
    sink.samples().forEach(sample -> times.add(sample.ptsTicks()));
    return times;
  }
}
