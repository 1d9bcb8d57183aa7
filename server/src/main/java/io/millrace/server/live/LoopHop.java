package io.millrace.server.live;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a rung's thread makes to the stream's loop and into its rendition. Bounded: when the
 * loop has not taken {@value #MAX_WAITING_BYTES} bytes yet, the rung's thread waits, which is never
 * the loop itself.
 */
final class LoopHop implements TrackSink {
  private static final Logger LOG = LoggerFactory.getLogger(LoopHop.class);
  private static final long MAX_WAITING_BYTES = 16L << 20;

  /** What an event without media counts for: there may not be any number of them either. */
  private static final long EVENT_BYTES = 256;

  /** A loop that is ended in the meantime wakes nobody. */
  private static final long LOOK_MS = 500;

  private final EventLoop loop;
  private final TrackSink rendition;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition taken = lock.newCondition();
  private long waitingBytes;

  LoopHop(EventLoop loop, TrackSink rendition) {
    this.loop = loop;
    this.rendition = rendition;
  }

  @Override
  public void accept(TrackEvent event) {
    long sizeBytes = EVENT_BYTES + (event instanceof Sample sample ? sample.sizeBytes() : 0);
    if (!enter(sizeBytes)) {
      event.release();
      return;
    }
    try {
      loop.execute(() -> take(event, sizeBytes));
    } catch (RejectedExecutionException e) {
      leave(sizeBytes);
      event.release();
    }
  }

  private void take(TrackEvent event, long sizeBytes) {
    try {
      rendition.accept(event);
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).log("a rendition does not take what its rung has made");
    } finally {
      leave(sizeBytes);
    }
  }

  private boolean enter(long sizeBytes) {
    lock.lock();
    try {
      while (waitingBytes >= MAX_WAITING_BYTES && !loop.isShutdown() && !loop.inEventLoop()) {
        var unused = taken.await(LOOK_MS, TimeUnit.MILLISECONDS);
      }
      waitingBytes += sizeBytes;
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void leave(long sizeBytes) {
    lock.lock();
    try {
      waitingBytes -= sizeBytes;
      taken.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
