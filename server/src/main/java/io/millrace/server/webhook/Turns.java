package io.millrace.server.webhook;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * How many questions a webhook is asked at a time: {@value #AT_ONCE}; the others wait, {@value
 * #WAITING} of them. Thread-safe.
 */
final class Turns {
  static final int AT_ONCE = 64;
  static final int WAITING = 1_024;

  /** Something that wants a turn. */
  interface Task {
    /**
     * Its turn has come. It gives it back when it is done.
     *
     * @return false where it has no use for it any more: the next one gets it
     */
    boolean begin();

    /** True when it will never have a use for a turn. */
    boolean over();
  }

  private final Queue<Task> waiting = new ArrayDeque<>();
  private int taken;

  /** Begins a task, or has it wait; false where too many do. */
  boolean enter(Task task) {
    synchronized (this) {
      if (taken >= AT_ONCE) {
        if (waiting.size() >= WAITING) {
          waiting.removeIf(Task::over);
        }
        return waiting.size() < WAITING && waiting.add(task);
      }
      taken++;
    }
    if (!task.begin()) {
      leave();
    }
    return true;
  }

  /** Gives a turn back. */
  void leave() {
    for (; ; ) {
      Task next;
      synchronized (this) {
        next = waiting.poll();
        if (next == null) {
          taken--;
          return;
        }
      }
      if (next.begin()) {
        return;
      }
    }
  }
}
