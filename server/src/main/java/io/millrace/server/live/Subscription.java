package io.millrace.server.live;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue between the stream's event loop and one slower consumer, such as a transcoder.
 *
 * <p>The producer never waits. When the consumer has fallen behind by more than the limit in time
 * or bytes, all queued samples are dropped and nothing is taken until the next {@link Boundary}:
 * every rendition starts a segment there, so what is lost is a whole segment and what follows
 * decodes. Sound that comes behind the boundary and belongs before it is lost too. Formats,
 * boundaries and ends are never dropped; they are few and small.
 *
 * <p>One producer thread, one consumer thread. Owns what is queued.
 */
public final class Subscription implements TrackSink, AutoCloseable {
  private final long maxTicks;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notEmpty = lock.newCondition();
  private final ArrayDeque<TrackEvent> queue = new ArrayDeque<>();
  private long queuedBytes;
  private long oldestTicks = Long.MIN_VALUE;
  private long droppedSamples;
  private long drops;
  private boolean skipping;
  private long resumedTicks = Long.MIN_VALUE;
  private @Nullable Timescale soundTimescale;
  private boolean closed;

  /**
   * @param maxLag content time that may wait
   * @param maxBytes payload bytes that may wait
   */
  public Subscription(Duration maxLag, long maxBytes) {
    this.maxTicks = Timescale.MICROS.rescale(maxLag.toNanos() / 1_000, Timescale.VIDEO);
    this.maxBytes = maxBytes;
  }

  @Override
  public void accept(TrackEvent event) {
    lock.lock();
    try {
      if (closed) {
        event.release();
        return;
      }
      switch (event) {
        case Sample sample -> offer(sample);
        case Boundary boundary -> {
          resumedTicks = skipping ? boundary.startTicks() : resumedTicks;
          skipping = false;
          queue.addLast(boundary);
        }
        case Format format -> {
          if (format.track() == TrackEvent.AUDIO_TRACK) {
            soundTimescale = format.format().timescale();
          }
          queue.addLast(format);
        }
        case Discontinuity _, End _, Cue _ -> queue.addLast(event);
      }
      notEmpty.signal();
    } finally {
      lock.unlock();
    }
  }

  private void offer(Sample sample) {
    if (skipping || isSoundBeforeResumption(sample)) {
      droppedSamples++;
      sample.release();
      return;
    }
    if (sample.track() == TrackEvent.VIDEO_TRACK && oldestTicks == Long.MIN_VALUE) {
      oldestTicks = sample.dtsTicks();
    }
    boolean late =
        sample.track() == TrackEvent.VIDEO_TRACK && sample.dtsTicks() - oldestTicks > maxTicks;
    if (late || queuedBytes + sample.sizeBytes() > maxBytes) {
      droppedSamples++;
      sample.release();
      dropQueuedSamples();
      drops++;
      skipping = true;
      return;
    }
    queuedBytes += sample.sizeBytes();
    queue.addLast(sample);
  }

  private boolean isSoundBeforeResumption(Sample sample) {
    Timescale timescale = soundTimescale;
    return resumedTicks != Long.MIN_VALUE
        && timescale != null
        && sample.track() == TrackEvent.AUDIO_TRACK
        && timescale.rescale(sample.ptsTicks(), Timescale.VIDEO) < resumedTicks;
  }

  private void dropQueuedSamples() {
    queue.removeIf(
        event -> {
          if (event instanceof Sample sample) {
            droppedSamples++;
            sample.release();
            return true;
          }
          return false;
        });
    queuedBytes = 0;
    oldestTicks = Long.MIN_VALUE;
  }

  /**
   * Waits for the next event; the caller owns it. Returns null once closed.
   *
   * @throws InterruptedException when the consumer thread is interrupted
   */
  public @Nullable TrackEvent take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (queue.isEmpty()) {
        if (closed) {
          return null;
        }
        notEmpty.await();
      }
      TrackEvent event = queue.removeFirst();
      if (event instanceof Sample sample) {
        queuedBytes -= sample.sizeBytes();
        if (sample.track() == TrackEvent.VIDEO_TRACK) {
          oldestTicks = sample.dtsTicks();
        }
      }
      if (queuedBytes == 0) {
        oldestTicks = Long.MIN_VALUE;
      }
      return event;
    } finally {
      lock.unlock();
    }
  }

  /** Samples that wait. */
  public int waiting() {
    lock.lock();
    try {
      return (int) queue.stream().filter(Sample.class::isInstance).count();
    } finally {
      lock.unlock();
    }
  }

  /** Samples dropped so far, and how many times the consumer fell behind. */
  public record Drops(long samples, long times) {}

  public Drops drops() {
    lock.lock();
    try {
      return new Drops(droppedSamples, drops);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Releases what is queued and ends the consumer. May be called from any thread, more than once.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      queue.forEach(TrackEvent::release);
      queue.clear();
      queuedBytes = 0;
      notEmpty.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
