package io.millrace.codec.ladder;

import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoEncoders;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes one source once and encodes it into every rung of a ladder. Compressed events in,
 * compressed events out; nothing else crosses.
 *
 * <pre>
 *                        ┌ scale 1280×720 ┬► queue ► thread: x264    ► sink 720p
 *  accept ► decode ──────┤                └► queue ► thread: SVT-AV1 ► sink av1-720p
 *  (pump thread)         └ scale  640×360 ──► queue ► thread: x264    ► sink 360p
 *         └ audio ───────────────────────────► queue ► thread: AAC     ► sink audio
 * </pre>
 *
 * <p>Threads: {@link #accept} and {@link #close} belong to one pump thread; the queue in front of
 * it is the caller's. Each rung has a thread and a bounded queue of its own, so no rung holds up
 * another or the pump: see {@link RungQueue} for what a slow one loses.
 *
 * <p>Boundaries: every rung's track repeats them all, in order. The picture at a boundary's start
 * becomes a key frame, there are no others, and it is never dropped for want of time. Where the
 * decoder could not give that very picture, the next one takes its time, so that segments start on
 * the same tick in every rendition. A segment of which a rung has no picture is two boundaries in a
 * row. Times are the source's own otherwise, irregular ones too.
 *
 * <p>A format change re-opens decoder and scalers; a rung whose own settings stay the same keeps
 * its encoder and its format, else a new encoder starts at the next boundary.
 */
public final class Transcoder implements TrackSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Transcoder.class);

  private final String streamName;
  private final TranscoderSettings settings;
  private final NativeAccount account = new NativeAccount();
  private final List<Rung> rungs = new ArrayList<>();
  private final VideoSource video;
  private final @Nullable AudioPipe audio;
  private boolean closed;

  /**
   * Makes the rungs of {@code plan} and starts their threads.
   *
   * @param streamName for logs and thread names; no secrets in it
   */
  public Transcoder(
      String streamName,
      LadderPlan plan,
      RungSinks sinks,
      VideoEncoders encoders,
      TranscoderSettings settings,
      TranscoderListener listener) {
    this.streamName = streamName;
    this.settings = settings;
    for (PlannedRung planned : plan.rungs()) {
      rungs.add(
          new Rung(
              streamName,
              planned.rung().name(),
              sinks.video(planned),
              encoders,
              account,
              settings,
              listener));
    }
    AudioRung audioRung = plan.ladder().audio();
    this.audio =
        audioRung == null || audioRung.passthrough()
            ? null
            : new AudioPipe(streamName, audioRung, sinks.audio(audioRung), account, listener);
    this.video = new VideoSource(streamName, plan, rungs, account, listener);
    rungs.forEach(Rung::start);
    if (audio != null) {
      audio.start();
    }
  }

  /**
   * Takes one event of the source. Waits for decoding and scaling, and with {@link
   * TranscoderSettings.Overload#WAIT} for the slowest rung; never for a rung otherwise.
   */
  @Override
  public void accept(TrackEvent event) {
    if (closed) {
      event.release();
      return;
    }
    switch (event) {
      case TrackEvent.Sample sample when sample.track() != TrackEvent.VIDEO_TRACK -> {
        if (audio == null) {
          sample.release();
        } else {
          audio.offer(sample);
        }
      }
      case TrackEvent.Sample sample -> {
        try {
          video.sample(sample);
        } finally {
          sample.release();
        }
      }
      case TrackEvent.Format(int track, TrackFormat.Video format) -> video.format(format);
      case TrackEvent.Format format -> audioControl(format);
      case TrackEvent.Boundary boundary -> {
        video.boundary(boundary);
        audioControl(boundary);
      }
      case TrackEvent.Discontinuity discontinuity -> {
        video.discontinuity(discontinuity);
        audioControl(discontinuity);
      }
      case TrackEvent.End end -> {
        video.end(end);
        audioControl(end);
      }
      case TrackEvent.Cue cue -> cue.release();
    }
  }

  private void audioControl(TrackEvent event) {
    if (audio != null) {
      audio.offer(event);
    }
  }

  /** Counters; any thread. */
  public TranscoderStats stats() {
    List<RungStats> all = new ArrayList<>();
    rungs.forEach(rung -> all.add(rung.stats()));
    if (audio != null) {
      all.add(audio.stats());
    }
    return new TranscoderStats(
        video.decoded(),
        video.damaged(),
        video.decodeNs(),
        video.scaleNs(),
        account.pictureBytes(),
        account.handles(),
        List.copyOf(all));
  }

  /**
   * Stops: what waits is discarded, sinks hear no more, threads are waited for and native memory is
   * freed. To get everything out first, send {@link TrackEvent.End} and wait for it at the sinks.
   * Idempotent.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    rungs.forEach(Rung::stop);
    if (audio != null) {
      audio.stop();
    }
    long deadlineNs = System.nanoTime() + settings.closeWait().toNanos();
    for (Rung rung : rungs) {
      checkStopped(rung.name(), rung.awaitStopped(deadlineNs - System.nanoTime()));
    }
    if (audio != null) {
      checkStopped("audio", audio.awaitStopped(deadlineNs - System.nanoTime()));
    }
    video.close();
  }

  private void checkStopped(String rung, boolean stopped) {
    if (!stopped) {
      LOG.atError()
          .addKeyValue("stream", streamName)
          .addKeyValue("rung", rung)
          .log("encoder thread does not stop, its memory is lost");
    }
  }
}
