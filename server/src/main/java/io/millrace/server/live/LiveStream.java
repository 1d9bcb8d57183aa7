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
import io.millrace.packager.Presentation.Resume;
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
 *   <li>a splice point starts a segment at the next key frame;
 *   <li>a format change waits for the next key frame and starts a segment there;
 *   <li>the other tracks are held until the main video has reached them, so that a boundary comes
 *       before what belongs behind it;
 *   <li>video tracks beside the main one are cut where it is: what makes them one adaptive set is
 *       that their publisher has put key frames at the same instants;
 *   <li>short holes in a sound are closed by silence;
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
  static final long MAX_WAIT_FOR_KEY_TICKS = 30L * Timescale.VIDEO.ticksPerSecond();

  /** 1 s. */
  private static final long MAX_STEP_TICKS = Timescale.VIDEO.ticksPerSecond();

  /** 10 min. A longer hole is no hole but another broadcast, with a discontinuity before it. */
  private static final long MAX_HOLE_TICKS = 600L * Timescale.VIDEO.ticksPerSecond();

  private static final int MAX_HOLE_SEGMENTS = 512;
  private static final long GOP_CACHE_BYTES = 16L << 20;

  private final StreamKey key;
  private final EventExecutor loop;
  private final SegmentPlanner planner;
  private final PartPlanner parts;
  private final TreeMap<Integer, TrackGate> gates = new TreeMap<>();
  private final GopCache gopCache = new GopCache(GOP_CACHE_BYTES);
  private final List<TrackSink> subscribers = new ArrayList<>();
  private final TreeMap<Integer, TrackFormat> announced = new TreeMap<>();
  private final TreeMap<Integer, TrackFormat> current = new TreeMap<>();

  private final Instant epoch;
  private long nextSequence;
  private long boundaryTicks;
  private boolean boundarySent;

  /** A segment has begun, now or when the stream was published earlier. */
  private boolean begun;

  /** What the stream was when it was published earlier; empty when that was not, or is past. */
  private List<TrackFormat> earlier;

  private boolean afterOutage;
  private boolean firstOfSession = true;
  private long sessionStartTicks;
  private boolean waitingForKey = true;
  private long waitingSinceTicks = Long.MIN_VALUE;
  private boolean cutAtNextKey;
  private boolean audioOnly;
  private long videoDtsTicks = Long.MIN_VALUE;
  private long videoStepTicks;
  private final TrackEnds ends = new TrackEnds();
  private final SoundHoles holes = new SoundHoles();
  private long samplesBeforeKey;

  /**
   * Segments have no parts.
   *
   * @param segmentTarget what a segment should last
   * @param epoch wall-clock time of tick 0
   */
  public LiveStream(StreamKey key, EventExecutor loop, Duration segmentTarget, Instant epoch) {
    this(key, loop, segmentTarget, Duration.ZERO, epoch);
  }

  /**
   * @param segmentTarget what a segment should last
   * @param part what a part of a segment should last; zero: there are none
   * @param epoch wall-clock time of tick 0
   */
  public LiveStream(
      StreamKey key, EventExecutor loop, Duration segmentTarget, Duration part, Instant epoch) {
    this(key, loop, segmentTarget, part, new Resume(epoch, 0, 0, List.of()));
  }

  /**
   * @param segmentTarget what a segment should last
   * @param part what a part of a segment should last; zero: there are none
   * @param resume where the stream goes on that was published earlier; what is between is a hole
   */
  public LiveStream(
      StreamKey key, EventExecutor loop, Duration segmentTarget, Duration part, Resume resume) {
    this.key = key;
    this.loop = loop;
    this.planner = new SegmentPlanner(segmentTarget);
    this.parts = new PartPlanner(part);
    this.epoch = resume.epoch();
    this.nextSequence = resume.nextSequence();
    this.begun = resume.nextSequence() > 0;
    this.afterOutage = begun;
    this.boundaryTicks = resume.endTicks();
    this.earlier = resume.formats();
    ends.reach(TrackEvent.VIDEO_TRACK, resume.endTicks());
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
    long wallTicks = wallTicks(now);
    return begun ? Math.max(resumeTicks(), wallTicks) : wallTicks;
  }

  /** An instant in video ticks since the epoch. */
  long wallTicks(Instant instant) {
    long us = Duration.between(epoch, instant).toNanos() / 1_000;
    return Timescale.MICROS.rescale(us, Timescale.VIDEO);
  }

  /**
   * Where what has been sent of a track ends, in video ticks since the epoch; of the stream's start
   * when nothing has been.
   */
  long endTicks(int track) {
    return ends.of(track);
  }

  /** The first instant that a source may begin at which follows after a pause. */
  long resumeTicks() {
    return ends.latest() + MIN_HOLE_TICKS;
  }

  /** Where what has been sent of any track ends. */
  long latestEndTicks() {
    return ends.latest();
  }

  /** True once a segment has begun, also when that was before a restart. */
  boolean hasBegun() {
    return begun;
  }

  /**
   * What has been sent of the open segment, with the formats; borrowed, valid until the next event.
   */
  GopCache openSegment() {
    return gopCache;
  }

  /** Adds a subscriber; it gets the formats and the open segment at once. */
  public void subscribe(TrackSink subscriber) {
    assert loop.inEventLoop();
    gopCache.replay(subscriber);
    subscribers.add(subscriber);
  }

  /**
   * Gives a sink the formats and the open segment so far, as a new subscriber gets them; not while
   * an event is given.
   */
  void replay(TrackSink sink) {
    assert loop.inEventLoop();
    gopCache.replay(sink);
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
      case Sample sample -> follow(sample);
      case Cue cue -> {
        if (SplicePoints.isOne(cue)) {
          planner.spliceAt(cue.ptsTicks());
        }
        emit(cue);
      }
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
    TrackFormat before = current.get(format.track());
    if (before != null && SameDecoding.of(before, format.format())) {
      announced.put(format.track(), before);
      return;
    }
    announced.put(format.track(), format.format());
    if (!boundarySent) {
      return;
    }
    if (format.track() == TrackEvent.VIDEO_TRACK) {
      parts.restart();
      waitingForKey = true; // the open segment takes sound until then
    } else if (before != null) {
      cutAtNextKey = true;
    }
  }

  private void video(Sample sample) {
    if (!announced.containsKey(TrackEvent.VIDEO_TRACK)) {
      sample.release();
      throw MediaFormatException.malformed("video data before the decoder configuration");
    }
    boolean tooEarly = begun && sample.ptsTicks() <= boundaryTicks;
    if (waitingForKey && (!sample.key() || tooEarly)) {
      waitForKey(sample);
      advance(sample.dtsTicks());
      sample.release();
      return;
    }
    if (sample.dtsTicks() > videoDtsTicks) {
      drainGates(sample.dtsTicks());
    }
    if (waitingForKey || (cutAtNextKey && sample.key() && !tooEarly)) {
      planner.close();
    }
    boolean starts = sample.key() && planner.startsAtKey(sample.ptsTicks());
    waitingForKey = false;
    waitingSinceTicks = Long.MIN_VALUE;
    audioOnly = false;
    parts.video(sample.dtsTicks());
    if (starts) {
      startSegment(sample.ptsTicks());
    }
    long dtsTicks = sample.dtsTicks();
    measureStep(dtsTicks);
    long lastsTicks = sample.durationTicks() > 0 ? sample.durationTicks() : videoStepTicks;
    ends.reach(sample.track(), sample.ptsTicks() + lastsTicks);
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
      throw noKeyFrame();
    }
  }

  static MediaFormatException noKeyFrame() {
    return MediaFormatException.unsupported(
        "no IDR picture in 30 s; segments begin at one: set a key frame interval and closed GOPs");
  }

  private void measureStep(long dtsTicks) {
    long step = dtsTicks - videoDtsTicks;
    if (videoDtsTicks != Long.MIN_VALUE && step > 0 && step <= MAX_STEP_TICKS) {
      videoStepTicks = step;
    }
  }

  private void advance(long dtsTicks) {
    videoDtsTicks = Math.max(videoDtsTicks, dtsTicks);
    drainGates(videoDtsTicks);
  }

  /** Takes a sample of any track but the main video. */
  private void follow(Sample sample) {
    TrackFormat format = announced.get(sample.track());
    if (format == null) {
      sample.release();
      throw MediaFormatException.malformed(
          (TrackEvent.isVideo(sample.track()) ? "video" : "audio")
              + " data of track "
              + TrackEvent.trackIndex(sample.track())
              + " before the decoder configuration");
    }
    TrackGate gate = gates.computeIfAbsent(sample.track(), _ -> new TrackGate());
    gate.offer(sample, positionTicks(sample, format));
    if (sample.track() == TrackEvent.AUDIO_TRACK
        && !announced.containsKey(TrackEvent.VIDEO_TRACK)
        && gate.heldTicks() >= TrackGate.MAX_HOLD_TICKS) {
      audioOnly = true;
    }
    drainGates(audioOnly ? Long.MAX_VALUE : videoDtsTicks);
  }

  /**
   * What the main video must have reached before a sample may go: a segment may start with a key
   * frame, so there it is the presentation time.
   */
  private static long positionTicks(Sample sample, TrackFormat format) {
    return videoTicks(sample.key() ? sample.ptsTicks() : sample.dtsTicks(), format);
  }

  private void drainGates(long upToTicks) {
    for (TrackGate gate : gates.values()) {
      for (Sample sample = gate.poll(upToTicks); sample != null; sample = gate.poll(upToTicks)) {
        forward(sample, upToTicks);
      }
    }
  }

  private void forward(Sample sample, long videoReachedTicks) {
    TrackFormat format = announced.get(sample.track());
    if (format == null) {
      sample.release();
      return;
    }
    long ticks = positionTicks(sample, format);
    boolean changed = !format.equals(current.get(sample.track()));
    if (sample.track() == TrackEvent.AUDIO_TRACK) {
      cutByAudio(ticks, videoReachedTicks, changed);
      changed = !format.equals(current.get(sample.track()));
    }
    // Decoding times of the first pictures lie before the key frame's presentation time.
    if (!planner.isOpen() || videoTicks(sample.ptsTicks(), format) < sessionStartTicks) {
      samplesBeforeKey++;
      sample.release();
      return;
    }
    if (changed) {
      // A track that appears inside a segment starts there; one that changes waits for the next
      // boundary.
      if (current.containsKey(sample.track())) {
        cutAtNextKey = true;
        sample.release();
        return;
      }
      current.put(sample.track(), format);
      emit(new Format(sample.track(), format));
    }
    if (format instanceof TrackFormat.Audio audio) {
      holes.before(sample, audio).forEach(silent -> send(silent, format));
    }
    send(sample, format);
  }

  private void send(Sample sample, TrackFormat format) {
    ends.reach(sample.track(), videoTicks(sample.ptsTicks() + sample.durationTicks(), format));
    emit(sample);
  }

  /** Where the video is missing, the main audio's clock cuts. */
  private void cutByAudio(long ticks, long videoReachedTicks, boolean changed) {
    boolean videoStalled =
        !audioOnly
            && boundarySent
            && planner.isOpen()
            && ticks > videoReachedTicks
            && ticks - boundaryTicks > planner.targetTicks() + TrackGate.MAX_HOLD_TICKS;
    if (videoStalled) {
      audioOnly = true;
      waitingForKey = true;
      planner.close();
    }
    if (audioOnly && changed) {
      planner.close();
    }
    if (audioOnly && planner.startsAtAudio(ticks)) {
      startSegment(ticks);
    }
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
    long partTicks = parts.partTicks(current);
    if (afterOutage) {
      changed |= tileHole(startTicks, partTicks) || isAnotherThanEarlier();
      afterOutage = false;
    }
    if (firstOfSession) {
      sessionStartTicks = startTicks;
      firstOfSession = false;
    }
    formats.forEach(this::emit);
    cutAtNextKey = false;
    boundaryTicks = startTicks;
    boundarySent = true;
    begun = true;
    emit(new Boundary(nextSequence++, startTicks, epoch, changed, partTicks));
  }

  /** True where a decoder may find something else than before the restart. */
  private boolean isAnotherThanEarlier() {
    List<TrackFormat> before = earlier;
    earlier = List.of();
    return !before.isEmpty()
        && !current.values().stream()
            .allMatch(now -> before.stream().anyMatch(then -> SameDecoding.of(then, now)));
  }

  /**
   * Uses up numbers for the time without media. Before the first boundary of this process nobody
   * could take others: renditions see by the number that some are missing.
   *
   * @return true for a hole that is too long for that
   */
  private boolean tileHole(long startTicks, long partTicks) {
    long endTicks = ends.latest();
    long hole = startTicks - endTicks;
    if (!begun || hole < MIN_HOLE_TICKS) {
      return false;
    }
    if (hole > MAX_HOLE_TICKS) {
      return true;
    }
    long count =
        Math.min(MAX_HOLE_SEGMENTS, (hole + planner.targetTicks() - 1) / planner.targetTicks());
    if (!boundarySent) {
      nextSequence += count;
      return false;
    }
    for (long i = 0; i < count; i++) {
      long ticks = endTicks + Timescale.scale(hole, i, count);
      emit(new Boundary(nextSequence++, ticks, epoch, false, partTicks));
    }
    return false;
  }

  private void end(End end) {
    for (TrackGate gate : gates.values()) {
      for (Sample sample = gate.pollAny(); sample != null; sample = gate.pollAny()) {
        forward(sample, Long.MAX_VALUE);
      }
    }
    gates.clear();
    planner.close();
    waitingForKey = true;
    waitingSinceTicks = Long.MIN_VALUE;
    audioOnly = false;
    cutAtNextKey = false;
    videoDtsTicks = Long.MIN_VALUE;
    parts.restart();
    announced.clear();
    holes.forget();
    afterOutage = true;
    firstOfSession = true;
    emit(end);
  }

  /**
   * The source changes without a hole: the next one's formats and samples follow, its first picture
   * at {@code ontoTicks}, with a segment of its own. The open segment takes sound until then, and
   * nothing that was held back and belongs behind.
   *
   * @param ontoTicks where the main video ends so far
   */
  void splice(long ontoTicks) {
    for (TrackGate gate : gates.values()) {
      for (Sample sample = gate.pollAny(); sample != null; sample = gate.pollAny()) {
        TrackFormat format = announced.get(sample.track());
        if (format == null || positionTicks(sample, format) >= ontoTicks) {
          sample.release();
        } else {
          forward(sample, Long.MAX_VALUE);
        }
      }
    }
    waitingForKey = true;
    waitingSinceTicks = Long.MIN_VALUE;
    cutAtNextKey = false;
    audioOnly = false;
    parts.restart();
    announced.clear();
  }

  /** Releases what is held. The stream takes nothing more. */
  public void close() {
    assert loop.inEventLoop();
    gates.values().forEach(TrackGate::clear);
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
