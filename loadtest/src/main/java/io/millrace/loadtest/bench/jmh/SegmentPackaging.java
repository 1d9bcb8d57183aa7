package io.millrace.loadtest.bench.jmh;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.SegmentListener;
import io.millrace.packager.segment.SegmentSettings;
import io.millrace.packager.segment.TrackPackager;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Samples to CMAF segments. One operation is one 2 s segment of 720p video: 60 samples in, a sealed
 * segment out. Run with {@code -prof gc}: a segment's own bytes are allocated, and little else
 * should be.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class SegmentPackaging implements SegmentListener {
  private static final SegmentSettings SETTINGS =
      new SegmentSettings(Duration.ofSeconds(10), Duration.ofSeconds(30), 64 << 20);

  @SuppressWarnings("NullAway.Init") // by JMH, before anything else
  private TestMedia media;

  private TrackPackager packager = TrackPackager.video(SETTINGS, 0, this);
  private double segmentMegabytes;
  private long sequence;
  private @Nullable Interval sealed;

  /** Makes two seconds of media. */
  @Setup
  public void prepare() {
    media = new TestMedia();
    segmentMegabytes = TestMedia.megabytes(media.video);
    packager.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, media.videoFormat));
  }

  /** Packages a segment; the boundary that ends it is the next operation's. */
  @Benchmark
  public @Nullable Interval segment(Bytes counter) {
    long ticks = sequence * TestMedia.DURATION.toSeconds() * Timescale.VIDEO.ticksPerSecond();
    long startTicks = media.video.getFirst().ptsTicks() + ticks;
    packager.accept(new TrackEvent.Boundary(sequence++, startTicks, Instant.EPOCH, false));
    for (TrackEvent.Sample sample : media.video) {
      packager.accept(TestMedia.shifted(sample, ticks));
    }
    counter.megabytes += segmentMegabytes;
    return sealed;
  }

  @Override
  public void init(InitSegment init) {}

  @Override
  public void boundary(TrackEvent.Boundary boundary) {}

  @Override
  public void interval(Interval interval) {
    sealed = interval;
  }

  @Override
  public void problem(long sequence, String reason) {
    throw new IllegalStateException(reason);
  }
}
