package io.millrace.transport;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for one thing to change, grouped by their event loops: waking ten thousand of them
 * costs whoever changes it one task for each loop, and no lock.
 *
 * <p>A waiter joins, is woken and leaves on its own loop; {@link #wake} may be called from any
 * thread. Whoever joins looks at the state <em>afterwards</em>: a change before that is not told,
 * and none after it is missed. Wakes that come while one is under way are folded into it.
 */
public final class LoopWaiters {
  private final Map<Executor, Room> rooms = new ConcurrentHashMap<>();

  /** One that waits; it is its own entry in the list, so that waiting costs nothing more. */
  public abstract static class Waiter {
    private @Nullable Room room;
    private @Nullable Waiter before;
    private @Nullable Waiter after;
    private int round;

    /** Something may have changed. On the waiter's loop; it may leave, and so may others. */
    protected abstract void woken();

    /** Waits no more; on its loop. Does nothing for one that does not wait. */
    public final void leave() {
      Room left = room;
      if (left != null) {
        left.remove(this);
      }
    }

    public final boolean waits() {
      return room != null;
    }
  }

  /**
   * Adds one behind all others of its loop.
   *
   * @param loop the single thread that is calling
   */
  public void join(Executor loop, Waiter waiter) {
    Room room = rooms.get(loop);
    if (room == null) {
      room = rooms.computeIfAbsent(loop, Room::new);
    }
    room.add(waiter);
  }

  /** Has every waiter told, each on its loop, in the order in which they joined. */
  public void wake() {
    rooms.values().forEach(Room::wake);
  }

  /** Waiters of one loop; confined to it but for {@link #wake}. */
  private static final class Room {
    private final Executor loop;
    private final AtomicBoolean called = new AtomicBoolean();
    private final AtomicInteger size = new AtomicInteger();
    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private @Nullable Waiter next;
    private int round;

    Room(Executor loop) {
      this.loop = loop;
    }

    void add(Waiter waiter) {
      if (waiter.room != null) {
        throw new IllegalStateException("waits already");
      }
      waiter.room = this;
      waiter.round = round;
      waiter.before = last;
      if (last == null) {
        first = waiter;
      } else {
        last.after = waiter;
      }
      last = waiter;
      size.incrementAndGet();
    }

    void remove(Waiter waiter) {
      Waiter before = waiter.before;
      Waiter after = waiter.after;
      if (next == waiter) {
        next = after;
      }
      if (before == null) {
        first = after;
      } else {
        before.after = after;
      }
      if (after == null) {
        last = before;
      } else {
        after.before = before;
      }
      waiter.before = null;
      waiter.after = null;
      waiter.room = null;
      size.decrementAndGet();
    }

    void wake() {
      if (size.get() > 0 && called.compareAndSet(false, true)) {
        try {
          loop.execute(this::tell);
        } catch (RejectedExecutionException e) {
          // The loop is shut down, and its connections with it.
        }
      }
    }

    /** Tells those who had joined before it began: one that joins again meanwhile is not told. */
    private void tell() {
      called.set(false);
      int current = ++round;
      next = first;
      while (next != null && next.round != current) {
        Waiter told = next;
        next = told.after;
        told.woken();
      }
      next = null;
    }
  }
}
