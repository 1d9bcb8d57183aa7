package io.millrace.server.live;

import io.millrace.codec.VideoEncoders;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.packager.Presentation;
import io.millrace.packager.PresentationSettings;
import io.millrace.packager.RenditionSpec;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A live stream's events to its renditions: passthrough and audio straight to the packager, video
 * to the transcoder, and what the transcoder makes back to the packager.
 *
 * <p>Renditions are declared when the source's first format says what it is, so that playlists wait
 * for all of them. On the stream's event loop; rungs arrive on encoder threads and hop.
 */
public final class StreamOutputs implements TrackSink {
  private static final Logger LOG = LoggerFactory.getLogger(StreamOutputs.class);
  private static final String AUDIO = "audio";
  private static final int AUDIO_ORDER = 100;

  /** Makes the outputs of a new stream. */
  @FunctionalInterface
  public interface Factory {
    StreamOutputs create(StreamKey key, EventLoop loop, StreamSettings settings);
  }

  private final StreamKey key;
  private final EventLoop loop;
  private final StreamSettings settings;
  private final VideoEncoders encoders;
  private final Presentation presentation;
  private @Nullable TrackSink passthrough;
  private @Nullable TrackSink audio;
  private @Nullable Boundary lastBoundary;
  private boolean transcodesAudio;
  private boolean planned;
  private volatile @Nullable TranscoderPump pump;
  private volatile @Nullable LadderPlan plan;

  public StreamOutputs(
      StreamKey key, EventLoop loop, StreamSettings settings, VideoEncoders encoders) {
    this.encoders = encoders;
    this.key = key;
    this.loop = loop;
    this.settings = settings;
    this.presentation =
        new Presentation(
            PresentationSettings.of(key.toString())
                .withTargetSegment(settings.segment())
                .withWindow(settings.window()),
            loop::inEventLoop);
    var unused =
        presentation.onProblem(
            problem ->
                LOG.atWarn()
                    .addKeyValue("stream", key)
                    .addKeyValue("rendition", problem.rendition())
                    .addKeyValue("sequence", problem.sequence())
                    .addKeyValue("reason", problem.reason())
                    .log("segment is missing"));
  }

  public Presentation presentation() {
    return presentation;
  }

  /** The transcoder's counters; null where nothing is transcoded. Any thread. */
  public @Nullable TranscoderStats transcoderStats() {
    TranscoderPump running = pump;
    return running == null ? null : running.stats();
  }

  /** What was dropped in front of the transcoder. Any thread. */
  public Subscription.Drops transcoderDrops() {
    TranscoderPump running = pump;
    return running == null ? new Subscription.Drops(0, 0) : running.drops();
  }

  /** The ladder as it applies to the source; null before the first video format. Any thread. */
  public @Nullable LadderPlan plan() {
    return plan;
  }

  @Override
  public void accept(TrackEvent event) {
    assert loop.inEventLoop();
    switch (event) {
      case Format(int track, TrackFormat.Video video) -> {
        if (!planned) {
          planned = true;
          openVideo(video);
        }
        toVideo(new Format(track, video));
      }
      case Format(int track, TrackFormat.Audio format) -> {
        if (audio == null) {
          openAudio(format);
        }
        toAudio(new Format(track, format));
      }
      case Sample sample when sample.track() == TrackEvent.VIDEO_TRACK -> toVideo(sample);
      case Sample sample -> toAudio(sample);
      case Boundary boundary -> {
        lastBoundary = boundary;
        toAll(boundary);
      }
      case Discontinuity _, End _, Cue _ -> toAll(event);
    }
  }

  private void toVideo(TrackEvent event) {
    TranscoderPump running = pump;
    if (running != null) {
      running.accept(event.retain());
    }
    if (passthrough != null) {
      passthrough.accept(event.retain());
    }
    event.release();
  }

  private void toAudio(TrackEvent event) {
    TranscoderPump running = pump;
    if (transcodesAudio && running != null) {
      running.accept(event);
    } else if (audio != null && !transcodesAudio) {
      audio.accept(event);
    } else {
      event.release();
    }
  }

  private void toAll(TrackEvent event) {
    TranscoderPump running = pump;
    if (running != null) {
      running.accept(event);
    }
    if (passthrough != null) {
      passthrough.accept(event);
    }
    if (audio != null && !transcodesAudio) {
      audio.accept(event);
    }
  }

  private void openVideo(TrackFormat.Video source) {
    int order = 0;
    if (!settings.passthrough().isEmpty()) {
      passthrough = presentation.video(new RenditionSpec(settings.passthrough(), order++, 0));
    }
    LadderPlan resolved = LadderPlan.resolve(settings.ladder(), source);
    plan = resolved;
    for (LadderPlan.Skipped skipped : resolved.skipped()) {
      LOG.atInfo()
          .addKeyValue("stream", key)
          .addKeyValue("rung", skipped.rung().name())
          .addKeyValue("reason", skipped.reason())
          .log("rung left out");
    }
    AudioRung audioRung = settings.ladder().audio();
    transcodesAudio = audioRung != null && !audioRung.passthrough() && audio == null;
    Map<String, TrackSink> sinks = new HashMap<>();
    for (PlannedRung rung : resolved.rungs()) {
      String name = rung.rung().name();
      RenditionSpec spec = new RenditionSpec(name, order++, rung.rung().bitrateBps());
      sinks.put(name, hop(presentation.video(spec)));
    }
    if (transcodesAudio && audioRung != null) {
      audio = presentation.audio(new RenditionSpec(AUDIO, AUDIO_ORDER, audioRung.bitrateBps()));
      sinks.put(AUDIO, hop(audio));
    }
    if (!sinks.isEmpty()) {
      pump = new TranscoderPump(key, resolved, new DeclaredSinks(sinks), encoders, new Failures());
    }
    LOG.atInfo()
        .addKeyValue("stream", key)
        .addKeyValue("source", source)
        .addKeyValue("rungs", resolved.rungs().stream().map(r -> r.rung().name()).toList())
        .log("ladder opened");
  }

  private void openAudio(TrackFormat.Audio format) {
    TrackSink sink = presentation.audio(new RenditionSpec(AUDIO, AUDIO_ORDER, 0));
    audio = sink;
    LOG.atInfo().addKeyValue("stream", key).addKeyValue("source", format).log("audio opened");
    if (lastBoundary != null && !transcodesAudio) {
      sink.accept(new Format(TrackEvent.AUDIO_TRACK, format));
      sink.accept(lastBoundary);
    }
  }

  /** Ends all renditions. */
  void close() {
    assert loop.inEventLoop();
    TranscoderPump running = pump;
    if (running != null) {
      running.close();
    }
    presentation.close();
  }

  /** Brings the events of an encoder thread to the stream's loop and into {@code rendition}. */
  private TrackSink hop(TrackSink rendition) {
    return event -> {
      if (!onLoop(() -> rendition.accept(event))) {
        event.release();
      }
    };
  }

  /** Sinks made on the stream's loop, looked up on the transcoder's thread. */
  private record DeclaredSinks(Map<String, TrackSink> byName) implements RungSinks {
    @Override
    public TrackSink video(PlannedRung rung) {
      return find(rung.rung().name());
    }

    @Override
    public TrackSink audio(AudioRung rung) {
      return find(AUDIO);
    }

    private TrackSink find(String name) {
      TrackSink sink = byName.get(name);
      if (sink == null) {
        throw new IllegalArgumentException("rung was not planned: " + name);
      }
      return sink;
    }
  }

  private final class Failures implements TranscoderListener {
    @Override
    public void rungFailed(String rung, Throwable cause) {
      LOG.atError()
          .addKeyValue("stream", key)
          .addKeyValue("rung", rung)
          .setCause(cause)
          .log("rung ended, the others go on");
      onLoop(() -> presentation.remove(rung));
    }

    @Override
    public void sourceFailed(Throwable cause) {
      LOG.atError()
          .addKeyValue("stream", key)
          .setCause(cause)
          .log("the source cannot be decoded, only passthrough goes on");
    }
  }

  private boolean onLoop(Runnable task) {
    try {
      loop.execute(task);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /**
   * How long {@link #close} may take until all encoder threads are gone; for an orderly shutdown.
   * Not on the loop.
   */
  void awaitClosed(Duration timeout) throws InterruptedException {
    TranscoderPump running = pump;
    if (running != null) {
      running.join(timeout);
    }
  }
}
