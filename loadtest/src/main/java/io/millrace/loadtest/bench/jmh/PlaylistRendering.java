package io.millrace.loadtest.bench.jmh;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import io.millrace.packager.CodecPreference;
import io.millrace.packager.Document;
import io.millrace.packager.LivePlaylist;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What an update costs a stream, and what it costs a viewer, against how much is listed.
 *
 * <p>{@code update}: a 2 s segment of three video renditions and audio comes in, in parts, and
 * nobody asks for anything. Samples are a key frame of a few bytes, so that lists and texts are
 * what is measured. The others add the first viewer after it: of a delta, which is what players at
 * the live edge ask for, of the whole playlist, which is what a new one does, and of the manifest.
 * {@code read}: everybody else.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class PlaylistRendering {
  private static final List<String> VIDEO = List.of("source", "720p", "360p");
  private static final long PART_TICKS = Timescale.VIDEO.ticksPerSecond() / 5;
  private static final int MORE_THAN_THE_WINDOW = 100;

  /** Seconds of media that the playlists list: a minute, an hour, half a day. */
  @Param({"60", "3600", "43200"})
  public int windowSeconds;

  @SuppressWarnings("NullAway.Init") // by JMH, before anything else
  private TestMedia media;

  @SuppressWarnings("NullAway.Init")
  private Presentation presentation;

  @SuppressWarnings("NullAway.Init")
  private List<TrackSink> videoSinks;

  @SuppressWarnings("NullAway.Init")
  private TrackSink audioSink;

  private long sequence;
  private long audioTicks;

  /** Fills the window. */
  @Setup
  public void prepare() {
    media = new TestMedia();
    PresentationSettings settings =
        PresentationSettings.of("bench").withWindow(Duration.ofSeconds(windowSeconds));
    presentation = new Presentation(settings, () -> true);
    videoSinks =
        VIDEO.stream()
            .map(name -> new RenditionSpec(name, VIDEO.indexOf(name), 0))
            .map(presentation::video)
            .toList();
    audioSink = presentation.audio(new RenditionSpec("audio", VIDEO.size(), 0));
    for (TrackSink sink : videoSinks) {
      sink.accept(new TrackEvent.Format(TrackEvent.VIDEO_TRACK, media.videoFormat));
    }
    audioSink.accept(new TrackEvent.Format(TrackEvent.AUDIO_TRACK, media.audioFormat));
    long segments = windowSeconds / TestMedia.DURATION.toSeconds() + MORE_THAN_THE_WINDOW;
    for (int i = 0; i < segments; i++) {
      update();
    }
    if (presentation.master(CodecPreference.DEFAULT) == null) {
      throw new IllegalStateException("no master playlist after " + segments + " segments");
    }
  }

  /** One segment of every rendition. */
  @Benchmark
  public long update() {
    long seconds = sequence * TestMedia.DURATION.toSeconds();
    long ticks = seconds * Timescale.VIDEO.ticksPerSecond();
    TrackEvent.Boundary boundary =
        new TrackEvent.Boundary(sequence++, ticks, Instant.EPOCH, false, PART_TICKS);
    TrackEvent.Sample key = media.video.getFirst();
    for (TrackSink sink : videoSinks) {
      sink.accept(boundary);
      sink.accept(
          new TrackEvent.Sample(
              TrackEvent.VIDEO_TRACK, ticks, ticks, 0, true, key.payload().retainedSlice(0, 8)));
    }
    audioSink.accept(boundary);
    TrackEvent.Sample sound = media.audio.getFirst();
    long endTicks = (seconds + TestMedia.DURATION.toSeconds()) * media.audioFormat.sampleRate();
    while (audioTicks < endTicks) {
      audioSink.accept(
          new TrackEvent.Sample(
              TrackEvent.AUDIO_TRACK,
              audioTicks,
              audioTicks,
              0,
              true,
              sound.payload().retainedSlice(0, 8)));
      audioTicks += media.audioFormat.samplesPerFrame();
    }
    return presentation.version();
  }

  /** A segment, and the first player at the live edge that is told of it. */
  @Benchmark
  public Document updateAndDelta() {
    update();
    return playlist().delta();
  }

  /** A segment, and the first new player. */
  @Benchmark
  public Document updateAndWhole() {
    update();
    return playlist().full();
  }

  /** A segment, and the first DASH player. */
  @Benchmark
  public @Nullable Document updateAndManifest() {
    update();
    return presentation.manifest(CodecPreference.DEFAULT);
  }

  private LivePlaylist playlist() {
    return Objects.requireNonNull(presentation.playlist("720p"));
  }

  /** One media playlist. */
  @Benchmark
  public @Nullable Document read() {
    return presentation.media("720p");
  }
}
