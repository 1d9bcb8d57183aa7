package io.millrace.loadtest.bench.jmh;

import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Two seconds of 720p30, one GOP with 2 B-frames, and its audio, from the built-in test source. Its
 * picture is easy to code, so the video payloads are repeated until they are 2.5 Mbit/s: nothing
 * that is measured here looks inside. Samples stay alive for the life of the benchmark.
 */
final class TestMedia {
  static final Duration DURATION = Duration.ofSeconds(2);
  private static final long VIDEO_BYTES = 625_000;

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
    video.replaceAll(larger(VIDEO_BYTES));
  }

  /** Makes each sample larger, by the same factor, so that they sum up to {@code totalBytes}. */
  private UnaryOperator<TrackEvent.Sample> larger(long totalBytes) {
    double factor = totalBytes / (megabytes(video) * 1e6);
    return sample -> {
      int sizeBytes = (int) Math.round(sample.sizeBytes() * factor);
      ByteBuf payload = Unpooled.directBuffer(sizeBytes, sizeBytes);
      while (payload.isWritable()) {
        int bytes = Math.min(payload.writableBytes(), sample.sizeBytes());
        payload.writeBytes(sample.payload(), sample.payload().readerIndex(), bytes);
      }
      sample.release();
      return new TrackEvent.Sample(
          sample.track(),
          sample.dtsTicks(),
          sample.ptsTicks(),
          sample.durationTicks(),
          sample.key(),
          payload);
    };
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

  /** Both tracks by decoding time. */
  List<TrackEvent.Sample> inOrder() {
    return Stream.concat(video.stream(), audio.stream())
        .sorted(Comparator.comparingLong(this::decodingMs))
        .toList();
  }

  long decodingMs(TrackEvent.Sample sample) {
    Timescale timescale =
        sample.track() == TrackEvent.VIDEO_TRACK ? Timescale.VIDEO : audioFormat.timescale();
    return timescale.rescale(sample.dtsTicks(), Timescale.MILLIS);
  }

  static double megabytes(List<TrackEvent.Sample> samples) {
    return samples.stream().mapToLong(TrackEvent.Sample::sizeBytes).sum() / 1e6;
  }
}
