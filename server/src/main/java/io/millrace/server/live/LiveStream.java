package io.millrace.server.live;

import io.millrace.media.MediaFormatException;
import io.millrace.media.StreamKey;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * One stream: one publisher after another in, the same continuous sequence of segments out.
 *
 * <p>What goes in ({@link #accept}) are a publishing session's formats and samples, already on the
 * stream's clock (see {@link #originTicks}). What comes out to every subscriber adds the {@link
 * Boundary} events that all renditions are cut at:
 *
 * <ul>
 *   <li>a segment starts at the key frame that {@link SegmentPlanner} picks; samples before the
 *       first one are dropped;
 *   <li>a format change waits for the next key frame and starts a segment there;
 *   <li>audio is held until the video has reached it, so that a boundary comes before what belongs
 *       behind it;
 *   <li>video that stalls while audio goes on is cut by the audio's clock, and starts again at a
 *       key frame;
 *   <li>after an outage the clock goes on at the wall-clock position and the hole is tiled with
 *       boundaries that have no samples between them, so sequence numbers and dates go on; a
 *       discontinuity is marked only where a format changed.
 * </ul>
 *
 * <p>Confined to one event loop. Subscribers are called on it and own the events that they get.
 */
public final class LiveStream implements TrackSink {
  /** 1 ms. Tracks end at different instants; a hole behind all of them lets each show its own. */
  private static final long MIN_HOLE_TICKS = 360;

  /** 30 s. */
  private static final long MAX_WAIT_FOR_KEY_TICKS = 30L * Timescale.VIDEO.ticksPerSecond();

  private static final int MAX_HOLE_SEGMENTS = 512;
  private static final long GOP_CACHE_BYTES = 16L << 20;

  private final StreamKey key;
  private final EventExecutor loop;
  private final SegmentPlanner planner;
  private final AudioGate audioGate = new AudioGate();
  private final GopCache gopCache = new GopCache(GOP_CACHE_BYTES);
  private final List<TrackSink> subscribers = new ArrayList<>();
  private final TreeMap<Integer, TrackFormat> announced = new TreeMap<>();
  private final TreeMap<Integer, TrackFormat> current = new TreeMap<>();

  private final Instant epoch;
  private long nextSequence;
  private long boundaryTicks;
  private boolean boundarySent;
  private boolean afterOutage;
  private boolean firstOfSession = true;
  private long sessionStartTicks;
  private boolean waitingForKey = true;
  private long waitingSinceTicks = Long.MIN_VALUE;
  private boolean audioOnly;
  private long videoDtsTicks = Long.MIN_VALUE;
  private long endTicks;
  private long samplesBeforeKey;

  /**
   * @param segmentTarget what a segment should last
   * @param epoch wall-clock time of tick 0
   */
  public LiveStream(StreamKey key, EventExecutor loop, Duration segmentTarget, Instant epoch) {
    this.key = key;
    this.loop = loop;
    this.planner = new SegmentPlanner(segmentTarget);
    this.epoch = epoch;
  }

  public StreamKey key() {
    return key;
  }

  public Instant epoch() {
    return epoch;
  }

  /**
   * Where the first sample of a session that starts at {@code now} belongs, in video ticks since
   * the epoch.
   */
  public long originTicks(Instant now) {
    assert loop.inEventLoop();
    long wallTicks =
        Timescale.MICROS.rescale(Duration.between(epoch, now).toNanos() / 1_000, Timescale.VIDEO);
    return boundarySent ? Math.max(endTicks + MIN_HOLE_TICKS, wallTicks) : wallTicks;
  }

  /** Adds a subscriber; it gets the formats and the open segment at once. */
  public void subscribe(TrackSink subscriber) {
    assert loop.inEventLoop();
    gopCache.replay(subscriber);
    subscribers.add(subscriber);
  }

  /** Removes a subscriber. */
  public void unsubscribe(TrackSink subscriber) {
    assert loop.inEventLoop();
    subscribers.remove(subscriber);
  }

  /** Samples dropped because no key frame had come yet. */
  public long samplesBeforeKey() {
    return samplesBeforeKey;
  }

  /**
   * Takes an event of the publishing session: {@link Format}, {@link Sample}, {@link Cue}, or
   * {@link End} when it is over.
   *
   * @throws MediaFormatException when samples come without a format, or video without a key frame
   */
  @Override
  public void accept(TrackEvent event) {
    assert loop.inEventLoop();
    switch (event) {
      case Format format -> announce(format);
      case Sample sample when sample.track() == TrackEvent.VIDEO_TRACK -> video(sample);
      case Sample sample -> audio(sample);
      case Cue cue -> emit(cue);
      case End end -> end(end);
      case Discontinuity discontinuity -> {
        waitingForKey = true;
        planner.close();
        emit(discontinuity);
      }
      case Boundary _ -> throw new IllegalArgumentException("boundaries are made here");
    }
  }

  private void announce(Format format) {
    announced.put(format.track(), format.format());
    if (boundarySent && !format.format().equals(current.get(format.track()))) {
      if (format.track() == TrackEvent.VIDEO_TRACK) {
        waitingForKey = true;
        planner.close();
      }
    }
  }

  private void video(Sample sample) {
    if (!announced.containsKey(TrackEvent.VIDEO_TRACK)) {
      sample.release();
      throw MediaFormatException.malformed("video data before the decoder configuration");
    }
    boolean tooEarly = boundarySent && sample.ptsTicks() <= boundaryTicks;
    if (waitingForKey && (!sample.key() || tooEarly)) {
      waitForKey(sample);
      advance(sample.dtsTicks());
      sample.release();
      return;
    }
    if (sample.dtsTicks() > videoDtsTicks) {
      drainAudio(sample.dtsTicks());
    }
    if (waitingForKey) {
      planner.close();
    }
    boolean starts = sample.key() && planner.startsAtKey(sample.ptsTicks());
    waitingForKey = false;
    waitingSinceTicks = Long.MIN_VALUE;
    audioOnly = false;
    if (starts) {
      startSegment(sample.ptsTicks());
    }
    endTicks = Math.max(endTicks, sample.ptsTicks() + sample.durationTicks());
    long dtsTicks = sample.dtsTicks();
    emit(sample);
    advance(dtsTicks);
  }

  private void waitForKey(Sample sample) {
    samplesBeforeKey++;
    if (waitingSinceTicks == Long.MIN_VALUE) {
      waitingSinceTicks = sample.dtsTicks();
    }
    if (sample.dtsTicks() - waitingSinceTicks > MAX_WAIT_FOR_KEY_TICKS) {
      sample.release();
      throw MediaFormatException.unsupported(
          "no IDR picture in 30 s; segments begin at one: set a key frame interval and closed GOPs");
    }
  }

  private void advance(long dtsTicks) {
    videoDtsTicks = Math.max(videoDtsTicks, dtsTicks);
    drainAudio(videoDtsTicks);
  }

  private void audio(Sample sample) {
    TrackFormat format = announced.get(sample.track());
    if (format == null) {
      sample.release();
      throw MediaFormatException.malformed("audio data before the decoder configuration");
    }
    audioGate.offer(sample, videoTicks(sample.ptsTicks(), format));
    if (!announced.containsKey(TrackEvent.VIDEO_TRACK)
        && audioGate.heldTicks() >= AudioGate.MAX_HOLD_TICKS) {
      audioOnly = true;
    }
    drainAudio(audioOnly ? Long.MAX_VALUE : videoDtsTicks);
  }

  private void drainAudio(long upToTicks) {
    for (Sample sample = audioGate.poll(upToTicks);
        sample != null;
        sample = audioGate.poll(upToTicks)) {
      forwardAudio(sample, upToTicks);
    }
  }

  private void forwardAudio(Sample sample, long videoReachedTicks) {
    TrackFormat format = announced.get(sample.track());
    if (format == null) {
      sample.release();
      return;
    }
    long ticks = videoTicks(sample.ptsTicks(), format);
    boolean videoStalled =
        !audioOnly
            && boundarySent
            && planner.isOpen()
            && ticks > videoReachedTicks
            && ticks - boundaryTicks > planner.targetTicks() + AudioGate.MAX_HOLD_TICKS;
    if (videoStalled) {
      audioOnly = true;
      waitingForKey = true;
      planner.close();
    }
    if (audioOnly && planner.startsAtAudio(ticks)) {
      startSegment(ticks);
    }
    boolean changed = !format.equals(current.get(sample.track()));
    if (!planner.isOpen() || ticks < sessionStartTicks) {
      samplesBeforeKey++;
      sample.release();
      return;
    }
    if (changed) {
      // A track that appears inside a segment starts there; one that changes waits for the next
      // boundary.
      if (current.containsKey(sample.track())) {
        planner.close();
        waitingForKey = true;
        sample.release();
        return;
      }
      current.put(sample.track(), format);
      emit(new Format(sample.track(), format));
    }
    long sampleEnd = videoTicks(sample.ptsTicks() + sample.durationTicks(), format);
    endTicks = Math.max(endTicks, sampleEnd);
    emit(sample);
  }

  private void startSegment(long startTicks) {
    List<Format> formats = new ArrayList<>();
    boolean changed = false;
    for (var entry : announced.entrySet()) {
      TrackFormat before = current.put(entry.getKey(), entry.getValue());
      if (!entry.getValue().equals(before)) {
        changed |= before != null;
        formats.add(new Format(entry.getKey(), entry.getValue()));
      }
    }
    if (afterOutage) {
      tileHole(startTicks);
      afterOutage = false;
    }
    if (firstOfSession) {
      sessionStartTicks = startTicks;
      firstOfSession = false;
    }
    formats.forEach(this::emit);
    boundaryTicks = startTicks;
    boundarySent = true;
    emit(new Boundary(nextSequence++, startTicks, epoch, changed));
  }

  private void tileHole(long startTicks) {
    long hole = startTicks - endTicks;
    if (!boundarySent || hole < MIN_HOLE_TICKS) {
      return;
    }
    long count =
        Math.min(MAX_HOLE_SEGMENTS, (hole + planner.targetTicks() - 1) / planner.targetTicks());
    for (long i = 0; i < count; i++) {
      long ticks = endTicks + Timescale.scale(hole, i, count);
      emit(new Boundary(nextSequence++, ticks, epoch, false));
    }
  }

  private void end(End end) {
    for (Sample sample = audioGate.pollAny(); sample != null; sample = audioGate.pollAny()) {
      forwardAudio(sample, Long.MAX_VALUE);
    }
    planner.close();
    waitingForKey = true;
    waitingSinceTicks = Long.MIN_VALUE;
    audioOnly = false;
    videoDtsTicks = Long.MIN_VALUE;
    announced.clear();
    afterOutage = true;
    firstOfSession = true;
    emit(end);
  }

  /** Releases what is held. The stream takes nothing more. */
  public void close() {
    assert loop.inEventLoop();
    audioGate.clear();
    gopCache.clear();
    subscribers.clear();
  }

  private void emit(TrackEvent event) {
    gopCache.remember(event);
    for (TrackSink subscriber : subscribers) {
      subscriber.accept(event.retain());
    }
    event.release();
  }

  private static long videoTicks(long ticks, TrackFormat format) {
    return format.timescale().rescale(ticks, Timescale.VIDEO);
  }
}
