package io.millrace.codec.monitor;

import io.millrace.codec.CodecException;
import io.millrace.codec.NativeAccount;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes the key frames and the sound of one input and says whether they are worth showing. Only
 * the main tracks are looked at, and of the picture about two key frames a second at most: what it
 * says of a source with one key frame in two seconds is at most two seconds old, and a frozen
 * picture is known with the second key frame that shows it. {@link PictureJudge} and {@link
 * SoundWatch} have the thresholds.
 *
 * <p>{@link #accept} belongs to one thread and never blocks: a bounded queue drops its oldest
 * samples. Decoding is done by a thread of the monitor's own, which also calls the listener. A
 * track that cannot be decoded is fine. At 720p30 with a key frame in two seconds it costs about
 * half a second of CPU time a minute, of which 15 ms a key frame.
 */
public final class InputMonitor implements TrackSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(InputMonitor.class);
  private static final long MIN_KEY_DISTANCE_TICKS = Timescale.VIDEO.ticksPerSecond() * 9 / 20;

  private static final Duration LISTENER_STEP = Duration.ofMillis(100);

  private final String name;
  private final Consumer<InputHealth> listener;
  private final NativeAccount account = new NativeAccount();
  private final MonitorQueue queue = new MonitorQueue();
  private final Thread thread;
  private volatile InputHealth health = InputHealth.FINE;
  private volatile long watched;

  // The caller's thread.
  private @Nullable TrackFormat videoFormat;
  private @Nullable TrackFormat audioFormat;
  private int continuity;
  private long lastKeyTicks = Long.MIN_VALUE;

  // The monitor's thread.
  private InputHealth told = InputHealth.FINE;
  private int seenContinuity;
  private @Nullable TrackFormat watchedVideo;
  private @Nullable TrackFormat watchedAudio;
  private @Nullable PictureWatch picture;
  private @Nullable SoundWatch sound;

  /**
   * Starts a monitor.
   *
   * @param name of the stream and input, for logs and the thread's name; no secrets in it
   * @param listener hears when one of the durations begins, ends, or has changed by a tenth of a
   *     second, on the monitor's thread; quick
   */
  public InputMonitor(String name, Consumer<InputHealth> listener) {
    this.name = name;
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("monitor " + name).daemon().start(this::run);
  }

  /** Takes {@code event}. */
  @Override
  public void accept(TrackEvent event) {
    switch (event) {
      case TrackEvent.Format(int track, TrackFormat format) -> {
        if (track == TrackEvent.VIDEO_TRACK) {
          videoFormat = format;
          lastKeyTicks = Long.MIN_VALUE;
        } else if (track == TrackEvent.AUDIO_TRACK) {
          audioFormat = format;
        }
      }
      case TrackEvent.Sample sample -> offer(sample);
      case TrackEvent.Discontinuity discontinuity -> startAnew();
      case TrackEvent.End end -> startAnew();
      case TrackEvent.Boundary boundary -> boundary.release();
      case TrackEvent.Cue cue -> cue.release();
    }
  }

  private void startAnew() {
    continuity++;
    lastKeyTicks = Long.MIN_VALUE;
  }

  private void offer(TrackEvent.Sample sample) {
    TrackFormat format =
        switch (sample.track()) {
          case TrackEvent.VIDEO_TRACK -> isDue(sample) ? videoFormat : null;
          case TrackEvent.AUDIO_TRACK -> audioFormat;
          default -> null;
        };
    if (format == null) {
      sample.release();
    } else {
      queue.add(new MonitorQueue.Entry(sample, format, continuity));
    }
  }

  private boolean isDue(TrackEvent.Sample sample) {
    boolean due =
        sample.key()
            && (lastKeyTicks == Long.MIN_VALUE
                || Math.abs(sample.ptsTicks() - lastKeyTicks) >= MIN_KEY_DISTANCE_TICKS);
    if (due) {
      lastKeyTicks = sample.ptsTicks();
    }
    return due;
  }

  private void run() {
    try {
      for (MonitorQueue.Entry entry = queue.take(); entry != null; entry = queue.take()) {
        try {
          watch(entry);
        } finally {
          entry.sample().release();
        }
        report();
        watched = watched + 1; // one writer
      }
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      queue.close();
      LOG.atError().addKeyValue("input", name).setCause(e).log("input monitor failed");
      forget();
      report();
    } finally {
      forget();
    }
  }

  private void watch(MonitorQueue.Entry entry) {
    if (entry.continuity() != seenContinuity) {
      seenContinuity = entry.continuity();
      forget();
    }
    try {
      switch (entry.format()) {
        case TrackFormat.Video format -> {
          openPicture(format);
          if (picture != null) {
            picture.keyFrame(entry.sample());
          }
        }
        case TrackFormat.Audio format -> {
          openSound(format);
          if (sound != null) {
            sound.frame(entry.sample());
          }
        }
        case TrackFormat.Text _ -> {}
      }
    } catch (CodecException | MediaFormatException e) {
      LOG.atWarn()
          .addKeyValue("input", name)
          .addKeyValue("format", entry.format())
          .addKeyValue("reason", e.getMessage())
          .log("input cannot be monitored");
      giveUp(entry.format());
    }
  }

  private void openPicture(TrackFormat.Video format) {
    if (!format.equals(watchedVideo)) {
      closePicture();
      watchedVideo = format;
      picture = new PictureWatch(format, account);
    }
  }

  private void openSound(TrackFormat.Audio format) {
    if (!format.equals(watchedAudio)) {
      closeSound();
      watchedAudio = format;
      sound = new SoundWatch(format, account);
    }
  }

  /** Leaves the track alone until its format changes. */
  private void giveUp(TrackFormat format) {
    switch (format) {
      case TrackFormat.Video video -> closePicture();
      case TrackFormat.Audio audio -> closeSound();
      case TrackFormat.Text _ -> {}
    }
  }

  private void forget() {
    closePicture();
    closeSound();
    watchedVideo = null;
    watchedAudio = null;
  }

  private void closePicture() {
    if (picture != null) {
      picture.close();
      picture = null;
    }
  }

  private void closeSound() {
    if (sound != null) {
      sound.close();
      sound = null;
    }
  }

  private void report() {
    InputHealth now =
        new InputHealth(
            picture == null ? Duration.ZERO : picture.frozen(),
            picture == null ? Duration.ZERO : picture.black(),
            sound == null ? Duration.ZERO : sound.silent());
    health = now;
    if (tells(now.frozen(), told.frozen())
        || tells(now.black(), told.black())
        || tells(now.silent(), told.silent())) {
      told = now;
      listener.accept(now);
    }
  }

  private static boolean tells(Duration now, Duration before) {
    return now.isZero() != before.isZero() || now.minus(before).abs().compareTo(LISTENER_STEP) >= 0;
  }

  /** The newest verdict; any thread. */
  public InputHealth health() {
    return health;
  }

  /** Samples that were not looked at for want of time; any thread. */
  public long dropped() {
    return queue.dropped();
  }

  /** Samples that were looked at; any thread. */
  public long watched() {
    return watched;
  }

  /** Open decoders; any thread. */
  long nativeHandles() {
    return account.handles();
  }

  /** Waits until the thread has ended and freed everything. */
  boolean awaitStopped(Duration limit) throws InterruptedException {
    return thread.join(limit);
  }

  /** Stops the thread, without waiting for it; it frees what it holds. Idempotent. */
  @Override
  public void close() {
    queue.close();
  }
}
