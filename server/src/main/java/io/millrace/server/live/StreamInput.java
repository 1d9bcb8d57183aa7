package io.millrace.server.live;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One publishing session as an input of its stream, on air or beside it. Knows how it is: what it
 * has sent last, and when. Confined to the stream's event loop.
 */
final class StreamInput {
  /** 5 s. */
  private static final long MAX_STEP_TICKS = 5L * Timescale.VIDEO.ticksPerSecond();

  private static final long SOUND_PIECE_NANOS = TimeUnit.MILLISECONDS.toNanos(700);
  private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long MAX_PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long MAX_UNSTEADY_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** ffmpeg and encoders send half a second at once when they begin; that has come by then. */
  private static final long SETTLING_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  /** 1 s. What is so much at once is no live source. */
  private static final long SETTLING_TICKS = Timescale.VIDEO.ticksPerSecond();

  private final Publisher publisher;
  private final InputRole role;
  private final TreeMap<Integer, TrackFormat> formats = new TreeMap<>();
  private final InputBuffer buffer = new InputBuffer();
  private final @Nullable InputWatch watch;
  private @Nullable InputClock clock;
  private @Nullable String fault;
  private boolean replaced;
  private boolean hasVideo;
  private boolean hasAudio;
  private long videoNanos;
  private long audioNanos;
  private long wholeSinceNanos;
  private long newestTicks = Long.MIN_VALUE;
  private long videoDtsTicks = Long.MIN_VALUE;
  private long keylessFromTicks = Long.MIN_VALUE;
  private long stepTicks = MAX_STEP_TICKS;
  private long newestNanos;
  private long soundFromTicks = Long.MIN_VALUE;
  private long paceTicks = Long.MIN_VALUE;
  private long paceNanos;
  private long unsteadySinceNanos;
  private boolean steady;
  private long firstTicks = Long.MIN_VALUE;
  private long firstNanos;
  private long leadTicks = Long.MIN_VALUE;

  /**
   * @param watch looks at what it shows; null: nobody does. Closed with the input
   */
  StreamInput(Publisher publisher, InputRole role, @Nullable InputWatch watch, long nowNanos) {
    this.watch = watch;
    this.publisher = publisher;
    this.role = role;
    this.videoNanos = nowNanos;
    this.audioNanos = nowNanos;
    this.wholeSinceNanos = nowNanos;
  }

  Publisher publisher() {
    return publisher;
  }

  InputRole role() {
    return role;
  }

  SortedMap<Integer, TrackFormat> formats() {
    return formats;
  }

  boolean isOnAir() {
    return clock != null;
  }

  /** Another publisher has taken its place: it stays only until that one can go on air. */
  void replace() {
    replaced = true;
  }

  boolean isReplaced() {
    return replaced;
  }

  /** What is wrong with its picture or sound; null when nothing is known to be. */
  @Nullable String fault() {
    return fault;
  }

  void fault(@Nullable String found, long nowNanos) {
    if (fault != null && found == null) {
      wholeSinceNanos = nowNanos;
    }
    fault = found;
  }

  /** Looks at an event that came at {@code nowNanos}; borrows it. */
  void note(TrackEvent event, long nowNanos, long lostAfterNanos) {
    if (watch != null) {
      watch.look(event);
    }
    switch (event) {
      case Format format -> formats.put(format.track(), format.format());
      case Sample sample -> note(sample, nowNanos, lostAfterNanos);
      default -> {}
    }
  }

  private void note(Sample sample, long nowNanos, long lostAfterNanos) {
    if (silentNanos(nowNanos) > lostAfterNanos) {
      wholeSinceNanos = nowNanos;
    }
    if (sample.track() == TrackEvent.VIDEO_TRACK) {
      hasVideo = true;
      videoNanos = nowNanos;
      expectNext(sample.dtsTicks());
      requireKey(sample);
      newest(sample.dtsTicks(), nowNanos);
      lead(sample.ptsTicks(), nowNanos);
    } else if (sample.track() == TrackEvent.AUDIO_TRACK) {
      hasAudio = true;
      audioNanos = nowNanos;
      TrackFormat format = formats.get(sample.track());
      if (format != null) {
        long ptsTicks = format.timescale().rescale(sample.ptsTicks(), Timescale.VIDEO);
        if (!hasVideo) {
          newest(ptsTicks, nowNanos);
        }
        lead(ptsTicks, nowNanos);
      }
    }
  }

  /** The widest distance of late, so that a slide show is not a loss. */
  private void expectNext(long dtsTicks) {
    boolean first = videoDtsTicks == Long.MIN_VALUE;
    long step = first ? 0 : dtsTicks - videoDtsTicks;
    videoDtsTicks = dtsTicks;
    if (!first && step >= 0 && step <= MAX_STEP_TICKS) {
      stepTicks = stepTicks == MAX_STEP_TICKS ? step : Math.max(step, stepTicks * 7 / 8);
    }
  }

  private void requireKey(Sample sample) {
    if (sample.key() || keylessFromTicks == Long.MIN_VALUE) {
      keylessFromTicks = sample.dtsTicks();
    } else if (sample.dtsTicks() - keylessFromTicks > LiveStream.MAX_WAIT_FOR_KEY_TICKS
        && !isOnAir()) {
      throw LiveStream.noKeyFrame();
    }
  }

  private void newest(long ticks, long nowNanos) {
    if (ticks > newestTicks) {
      newestTicks = ticks;
      newestNanos = nowNanos;
    }
    long elapsedNanos = nowNanos - paceNanos;
    if (paceTicks == Long.MIN_VALUE || elapsedNanos > MAX_PACE_NANOS) {
      unsteadySinceNanos = nowNanos;
      steady = false;
    } else if (elapsedNanos >= PACE_NANOS) {
      steady = newestTicks - paceTicks <= elapsedTicks(elapsedNanos) * 3 / 2;
    } else {
      return;
    }
    paceTicks = newestTicks;
    paceNanos = nowNanos;
  }

  private void lead(long ptsTicks, long nowNanos) {
    if (firstTicks == Long.MIN_VALUE) {
      firstTicks = ptsTicks;
      firstNanos = nowNanos;
    }
    leadTicks = Math.max(leadTicks, ptsTicks - elapsedTicks(nowNanos - firstNanos));
  }

  /**
   * False while what a publisher sends at once at its beginning may still come: only then is it
   * known where its time is on the clock. Without end nothing is waited for.
   */
  boolean isSettled(long nowNanos) {
    return steady
        || nowNanos - firstNanos >= SETTLING_NANOS
        || leadTicks - firstTicks >= SETTLING_TICKS;
  }

  /**
   * Where the session is at {@code nowNanos}, in its own time, if nothing of it has come before its
   * time: the sample that was earliest came just in time.
   */
  long foremostTicks(long nowNanos) {
    return leadTicks + elapsedTicks(nowNanos - firstNanos);
  }

  /**
   * False while media comes faster than it plays, as after a stall of the network: where the input
   * really is shows only when that is over. Not waited for without end.
   */
  boolean isSteady(long nowNanos) {
    return steady || nowNanos - unsteadySinceNanos > MAX_UNSTEADY_NANOS;
  }

  /**
   * For how long its picture has been overdue, or its sound where there is no picture: what cannot
   * be shown at all.
   */
  long missingNanos(long nowNanos) {
    if (!hasVideo && hasAudio) {
      return nowNanos - audioNanos;
    }
    long stepNanos = Timescale.VIDEO.rescale(stepTicks, Timescale.MICROS) * 1_000;
    return Math.max(0, nowNanos - videoNanos - stepNanos);
  }

  /** For how long its picture or sound has been missing. Sound comes in larger pieces. */
  long silentNanos(long nowNanos) {
    long sound = hasVideo && hasAudio ? nowNanos - audioNanos - SOUND_PIECE_NANOS : 0;
    return Math.max(missingNanos(nowNanos), sound);
  }

  /** For how long it has been without a loss or fault. */
  long wholeNanos(long nowNanos) {
    return nowNanos - wholeSinceNanos;
  }

  /** True when it could go on air now. */
  boolean isReady() {
    return clock == null && buffer.startTicks(formats) != null;
  }

  /**
   * Keeps a sample while off air; takes it over.
   *
   * @param fromTheFirst the stream begins with this input in a moment
   */
  void keep(Sample sample, boolean fromTheFirst) {
    buffer.add(sample, formats, fromTheFirst);
  }

  /** Presentation time of what it would start with, in the session's time. */
  long startTicks() {
    Long start = buffer.startTicks(formats);
    if (start == null) {
      throw new IllegalStateException("not ready");
    }
    return start;
  }

  /** Where the session is at {@code nowNanos}, in its own time. */
  long presentTicks(long nowNanos) {
    return newestTicks + elapsedTicks(nowNanos - newestNanos);
  }

  /** Time of its newest sample in the session's time. */
  long newestTicks() {
    return newestTicks;
  }

  /** Where it is on the stream's clock; on air only. */
  long onAirTicks(long nowNanos) {
    return placeTicks(presentTicks(nowNanos));
  }

  static long elapsedTicks(long nanos) {
    return Timescale.MICROS.rescale(nanos / 1_000, Timescale.VIDEO);
  }

  /**
   * Goes on air; the samples since its newest key frame are the caller's, still in the session's
   * time: see {@link #place}.
   *
   * @param soundFrom sound before that is left out, on the stream's clock
   */
  List<Sample> goOnAir(InputClock onClock, long soundFrom) {
    clock = onClock;
    soundFromTicks = soundFrom;
    return buffer.takeAll();
  }

  void goOffAir() {
    clock = null;
    buffer.clear();
  }

  /**
   * The sample on the stream's clock; null, and released, when it belongs before what the stream
   * has had.
   */
  @Nullable Sample place(Sample sample) {
    InputClock placed = clock;
    TrackFormat format = formats.get(sample.track());
    if (placed == null || format == null) {
      throw new IllegalStateException("off air, or without a format");
    }
    Sample onAir = placed.place(sample, format);
    if (!TrackEvent.isVideo(onAir.track())
        && format.timescale().rescale(onAir.ptsTicks(), Timescale.VIDEO) < soundFromTicks) {
      onAir.release();
      return null;
    }
    return onAir;
  }

  /** A time of the session on the stream's clock; on air only. */
  long placeTicks(long ticks) {
    InputClock placed = clock;
    if (placed == null) {
      throw new IllegalStateException("off air");
    }
    return placed.videoTicks(ticks);
  }

  void close() {
    buffer.clear();
    if (watch != null) {
      watch.close();
    }
  }
}
