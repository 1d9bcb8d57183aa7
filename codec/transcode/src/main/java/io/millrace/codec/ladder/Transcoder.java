package io.millrace.codec.ladder;

import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoEncoders;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
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
 * another or the pump: see {@link RungQueue} for what a slow one loses. What may be given up is
 * encoded by nicer threads, see {@link Ladder#standsBack}.
 *
 * <p>Boundaries: every rung's track repeats them all, in order. The picture at a boundary's start
 * becomes a key frame, there are no others, and it is never dropped for want of time. Where the
 * decoder could not give that very picture, the next one takes its time, so that segments start on
 * the same tick in every rendition. A segment of which a rung has no picture is two boundaries in a
 * row. Times are the source's own otherwise, irregular ones too.
 *
 * <p>A rung may be paused, and goes on with a key frame at a boundary: see {@link #want}. It may be
 * given less time: see {@link #pace}.
 *
 * <p>A format change re-opens decoder and scalers; a rung whose own settings stay the same keeps
 * its encoder and its format, else a new encoder starts at the next boundary. A change of the
 * ladder is the same to its rungs, and reaches them with the picture that starts a segment.
 */
public final class Transcoder implements LadderEngine {
  private static final Logger LOG = LoggerFactory.getLogger(Transcoder.class);

  private final String streamName;
  private final TranscoderSettings settings;
  private final VideoEncoders encoders;
  private final TranscoderListener listener;
  private final NativeAccount account = new NativeAccount();
  private final VideoSource video;

  /** What was last said of rungs; of those to come, too. */
  private final Map<String, Boolean> wanted = new ConcurrentHashMap<>();

  private final Map<String, RungPace> paces = new ConcurrentHashMap<>();

  /** Those that deliver what they have. */
  private final List<Rung> leaving = new ArrayList<>();

  private final List<AudioPipe> leavingAudio = new ArrayList<>();
  private volatile List<Rung> rungs = List.of();
  private volatile @Nullable AudioPipe audio;
  private TrackFormat.@Nullable Audio audioFormat;
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
    this.encoders = encoders;
    this.listener = listener;
    this.rungs = plan.rungs().stream().map(planned -> newRung(plan, planned, sinks)).toList();
    this.video = new VideoSource(streamName, plan, rungs, account, listener);
    rungs.forEach(Rung::start);
    changeAudio(plan.ladder().audio(), sinks);
  }

  private Rung newRung(LadderPlan plan, PlannedRung planned, RungSinks sinks) {
    return new Rung(
        streamName,
        planned.rung().name(),
        plan.ladder().standsBack(planned.rung().name()),
        sinks.video(planned),
        encoders,
        account,
        settings,
        listener);
  }

  @Override
  public void change(LadderPlan plan, RungSinks sinks) {
    if (closed) {
      return;
    }
    List<Rung> before = rungs;
    List<Rung> next = new ArrayList<>();
    List<Rung> fresh = new ArrayList<>();
    for (PlannedRung planned : plan.rungs()) {
      Rung known = find(before, planned.rung().name());
      if (known == null || known.hasFailed()) {
        known = newRung(plan, planned, sinks);
        fresh.add(known);
      }
      next.add(known);
    }
    wanted.keySet().retainAll(next.stream().map(Rung::name).toList());
    paces.keySet().retainAll(next.stream().map(Rung::name).toList());
    rungs = List.copyOf(next);
    fresh.forEach(rung -> rung.want(wanted.getOrDefault(rung.name(), true)));
    fresh.forEach(rung -> rung.pace(paces.getOrDefault(rung.name(), RungPace.FULL)));
    fresh.forEach(Rung::start);
    leaving.removeIf(Rung::isOver);
    before.stream().filter(rung -> !next.contains(rung)).forEach(leaving::add);
    video.change(plan, rungs);
    changeAudio(plan.ladder().audio(), sinks);
  }

  private void changeAudio(@Nullable AudioRung rung, RungSinks sinks) {
    AudioPipe before = audio;
    boolean encodes = rung != null && !rung.passthrough();
    leavingAudio.removeIf(AudioPipe::isOver);
    if (before != null && rung != null && encodes && !before.hasFailed()) {
      before.change(rung);
      return;
    }
    if (before != null) {
      before.leave();
      leavingAudio.add(before);
      audio = null;
    }
    if (rung != null && encodes) {
      AudioPipe opened = new AudioPipe(streamName, rung, sinks.audio(rung), account, listener);
      opened.start();
      if (audioFormat != null) {
        opened.offer(new TrackEvent.Format(TrackEvent.AUDIO_TRACK, audioFormat));
      }
      audio = opened;
    }
  }

  private static @Nullable Rung find(List<Rung> rungs, String name) {
    return rungs.stream().filter(rung -> rung.name().equals(name)).findFirst().orElse(null);
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
        AudioPipe pipe = audio;
        if (pipe == null) {
          sample.release();
        } else {
          pipe.offer(sample);
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
      case TrackEvent.Format format -> {
        if (format.format() instanceof TrackFormat.Audio sound) {
          audioFormat = sound;
        }
        audioControl(format);
      }
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

  /**
   * Whether a rung is to be encoded, which changes where the next segment begins. While it is not,
   * its segments are empty, its encoder is closed, and nothing is scaled for it alone; while no
   * rung of a ladder is wanted, nothing is decoded.
   */
  @Override
  public void want(String rungName, boolean encode) {
    wanted.put(rungName, encode);
    Rung rung = find(rungs, rungName);
    if (rung != null) {
      rung.want(encode);
    }
  }

  @Override
  public void pace(String rungName, RungPace pace) {
    paces.put(rungName, pace);
    Rung rung = find(rungs, rungName);
    if (rung != null) {
      rung.pace(pace);
    }
  }

  private void audioControl(TrackEvent event) {
    AudioPipe pipe = audio;
    if (pipe != null) {
      pipe.offer(event);
    }
  }

  @Override
  public TranscoderStats stats() {
    List<RungStats> all = new ArrayList<>();
    rungs.forEach(rung -> all.add(rung.stats()));
    AudioPipe pipe = audio;
    if (pipe != null) {
      all.add(pipe.stats());
    }
    return new TranscoderStats(
        video.decoded(),
        video.damaged(),
        video.decodeNs(),
        video.scaleNs(),
        account.pictureBytes(),
        account.handles(),
        0,
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
    List<Rung> all = Stream.concat(rungs.stream(), leaving.stream()).toList();
    all.forEach(Rung::stop);
    AudioPipe pipe = audio;
    if (pipe != null) {
      leavingAudio.add(pipe);
    }
    leavingAudio.forEach(AudioPipe::stop);
    long deadlineNs = System.nanoTime() + settings.closeWait().toNanos();
    for (Rung rung : all) {
      checkStopped(rung.name(), rung.awaitStopped(deadlineNs - System.nanoTime()));
    }
    for (AudioPipe stopping : leavingAudio) {
      checkStopped("audio", stopping.awaitStopped(deadlineNs - System.nanoTime()));
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
