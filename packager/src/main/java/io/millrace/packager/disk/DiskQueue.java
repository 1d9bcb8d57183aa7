package io.millrace.packager.disk;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A thread that writes to a disk, behind a queue that is bounded by bytes: a disk that is slow,
 * full or gone holds nobody up, and costs memory up to the bound and no more.
 *
 * <p>Thread-safe. Tasks run one after another on the queue's own thread.
 */
public final class DiskQueue implements DiskWork, AutoCloseable {
  /** Orders hold no bytes, and are few. */
  private static final int MAX_TASKS = 65_536;

  private record Waiting(long bytes, Runnable task) {}

  private final long maxBytes;
  private final Consumer<RuntimeException> bug;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Waiting> queue = new ArrayDeque<>();
  private final Thread thread;
  private long queuedBytes;
  private long refused;
  private boolean closed;

  /**
   * @param maxBytes that may wait, the task that runs included
   * @param bug told of a task that threw; the next ones are done all the same
   */
  public DiskQueue(String name, long maxBytes, Consumer<RuntimeException> bug) {
    this.maxBytes = maxBytes;
    this.bug = bug;
    this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /** A task that is larger than the bound is taken where nothing else waits. */
  @Override
  public boolean offer(long bytes, Runnable task) {
    lock.lock();
    try {
      boolean fits = bytes == 0 || queuedBytes == 0 || queuedBytes + bytes <= maxBytes;
      if (closed || !fits || queue.size() >= MAX_TASKS) {
        refused++;
        return false;
      }
      queuedBytes += bytes;
      queue.addLast(new Waiting(bytes, task));
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    for (Waiting next = take(); next != null; next = take()) {
      try {
        next.task.run();
      } catch (RuntimeException e) {
        bug.accept(e);
      } finally {
        done(next);
      }
    }
  }

  private @Nullable Waiting take() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      return queue.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  private void done(Waiting task) {
    lock.lock();
    try {
      queuedBytes -= task.bytes;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  public long queuedBytes() {
    lock.lock();
    try {
      return queuedBytes;
    } finally {
      lock.unlock();
    }
  }

  /** Tasks that were not taken. */
  public long refused() {
    lock.lock();
    try {
      return refused;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes nothing more and does what waits; for an orderly end.
   *
   * @return false where something still waits when patience is at its end
   */
  public boolean close(Duration patience) {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      TimeUnit.NANOSECONDS.timedJoin(thread, patience.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return !thread.isAlive();
  }

  @Override
  public void close() {
    var unused = close(Duration.ofSeconds(10));
  }
}
