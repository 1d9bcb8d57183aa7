package io.millrace.codec.worker;

import io.millrace.media.TrackEvent;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The sender's side of flow control: how much is on its way, and since when nothing has been used.
 * Thread-safe.
 */
public final class Window {
  private final long sizeBytes;
  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long usedBytes;
  private long stillSinceNs;
  private boolean closed;

  /**
   * @param sizeBytes what may be on its way before a sender waits
   */
  public Window(long sizeBytes, LongSupplier nanoTime) {
    this.sizeBytes = sizeBytes;
    this.nanoTime = nanoTime;
  }

  /** What an event takes of the window. */
  public static long cost(TrackEvent event) {
    return Wire.EVENT_BYTES
        + (event instanceof TrackEvent.Sample sample ? (long) sample.sizeBytes() : 0);
  }

  /**
   * Waits until there is room, and takes it: the last one may go over the edge, so that no event is
   * too large.
   *
   * @return false once closed
   */
  public boolean acquire(long bytes) {
    lock.lock();
    try {
      while (usedBytes >= sizeBytes && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        return false;
      }
      if (usedBytes == 0) {
        stillSinceNs = nanoTime.getAsLong();
      }
      usedBytes += bytes;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The other side has used so much.
   *
   * @throws WireException if it is more than it was sent
   */
  public void release(long bytes) throws WireException {
    lock.lock();
    try {
      if (bytes <= 0 || bytes > usedBytes) {
        throw new WireException("credit for " + bytes + " bytes of " + usedBytes);
      }
      usedBytes -= bytes;
      stillSinceNs = nanoTime.getAsLong();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How long something has been on its way without any of it being used; 0 with nothing. */
  public long stillNs(long nowNs) {
    lock.lock();
    try {
      return usedBytes == 0 ? 0 : Math.max(0, nowNs - stillSinceNs);
    } finally {
      lock.unlock();
    }
  }

  /** Lets everyone go who waits, and nobody in. */
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
