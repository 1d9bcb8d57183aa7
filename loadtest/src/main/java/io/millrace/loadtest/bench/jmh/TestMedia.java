package io.millrace.loadtest.bench.jmh;

import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Two seconds of the built-in 720p test picture and tone: one GOP of 60 pictures and 2 B-frames at
 * 2.5 Mbit/s, and its audio. Samples stay alive for the life of the benchmark.
 */
final class TestMedia {
  static final Duration DURATION = Duration.ofSeconds(2);

  final TrackFormat.Video videoFormat;
  final TrackFormat.Audio audioFormat;
  final List<TrackEvent.Sample> video = new ArrayList<>();
  final List<TrackEvent.Sample> audio = new ArrayList<>();

  TestMedia() {
    try (TestSource source = new TestSource(TestSourceSettings.hd(Instant.EPOCH), this::take)) {
      source.advanceTo(DURATION.toNanos());
      source.finish();
      videoFormat = source.videoFormat();
      TrackFormat.Audio format = source.audioFormat();
      if (format == null) {
        throw new IllegalStateException("the test source has a tone");
      }
      audioFormat = format;
    }
  }

  private void take(TrackEvent event) {
    if (event instanceof TrackEvent.Sample sample) {
      (sample.track() == TrackEvent.VIDEO_TRACK ? video : audio).add(sample);
    }
  }

  /** The sample again, later: the payload is shared and gets one more reference. */
  static TrackEvent.Sample shifted(TrackEvent.Sample sample, long byTicks) {
    return new TrackEvent.Sample(
        sample.track(),
        sample.dtsTicks() + byTicks,
        sample.ptsTicks() + byTicks,
        sample.durationTicks(),
        sample.key(),
        sample.payload().retain());
  }

  static double megabytes(List<TrackEvent.Sample> samples) {
    return samples.stream().mapToLong(TrackEvent.Sample::sizeBytes).sum() / 1e6;
  }
}
