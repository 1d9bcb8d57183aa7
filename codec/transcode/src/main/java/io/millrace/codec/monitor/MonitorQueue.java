package io.millrace.codec.monitor;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Samples that wait for a monitor, each with what is needed to understand it alone, so that any may
 * be dropped: the oldest goes when there is no room. One producer, one consumer.
 */
final class MonitorQueue {
  private static final int MAX_SAMPLES = 128;
  private static final long MAX_BYTES = 8L << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private long bytes;
  private long dropped;
  private boolean closed;

  /**
   * A sample in its surroundings.
   *
   * @param continuity another number means that nothing before may be compared with it
   */
  record Entry(TrackEvent.Sample sample, TrackFormat format, int continuity) {}

  /** Takes the entry's sample. */
  void add(Entry entry) {
    lock.lock();
    try {
      if (closed) {
        entry.sample.release();
        return;
      }
      entries.addLast(entry);
      bytes += entry.sample.sizeBytes();
      while (entries.size() > MAX_SAMPLES || (bytes > MAX_BYTES && entries.size() > 1)) {
        Entry oldest = entries.removeFirst();
        bytes -= oldest.sample.sizeBytes();
        oldest.sample.release();
        dropped++;
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for an entry.
   *
   * @return null once the queue is closed; the caller owns the sample
   */
  @Nullable Entry take() {
    lock.lock();
    try {
      while (entries.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      Entry entry = entries.pollFirst();
      if (entry != null) {
        bytes -= entry.sample.sizeBytes();
      }
      return entry;
    } finally {
      lock.unlock();
    }
  }

  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  /** Releases what waits and wakes the consumer. */
  void close() {
    lock.lock();
    try {
      closed = true;
      entries.forEach(entry -> entry.sample.release());
      entries.clear();
      bytes = 0;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }
}
