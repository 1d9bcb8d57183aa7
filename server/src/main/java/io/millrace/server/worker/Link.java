package io.millrace.server.worker;

import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.worker.Connection;
import io.millrace.codec.worker.Lane;
import io.millrace.codec.worker.Window;
import io.millrace.codec.worker.Wire;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One worker's life on the side of the server. */
final class Link {
  /** Messages a second that no window limits: credits and statistics. */
  private static final int MAX_UNPAID = 10_000;

  final Worker worker;

  /** What this worker is started for. */
  final LadderPlan openedFor;

  /** The rungs of it that have not failed before. */
  final Ladder opened;

  /** What it has been told last; guarded by the ladder's lock. */
  LadderPlan plan;

  /** By the numbers that this worker knows them by. */
  private final Map<Integer, Lane> lanes = new ConcurrentHashMap<>();

  private int numbers;

  final Window window = new Window(Wire.WINDOW_BYTES, System::nanoTime);
  final long startedNs;

  /** Set before anyone but the supervising thread sees the link as running. */
  @Nullable Connection connection;

  /** Has had a boundary, and gets everything from there on; guarded by the ladder's lock. */
  boolean fed;

  volatile boolean ready;
  volatile long readyNs;
  volatile long heardNs;

  /** Why it was killed; null where it was not. */
  volatile @Nullable EndReason killed;

  /** The supervising thread's. */
  int sourceFailures;

  private int unpaid;
  private long unpaidSinceNs;

  /**
   * @param lanes in the order of the ladder that it is started for
   */
  Link(Worker worker, LadderPlan plan, Ladder opened, List<Lane> lanes, long nowNs) {
    this.worker = worker;
    this.plan = plan;
    this.openedFor = plan;
    this.opened = opened;
    lanes.forEach(this::number);
    this.startedNs = nowNs;
    this.heardNs = nowNs;
    this.unpaidSinceNs = nowNs;
  }

  /** Null where no lane has this number. */
  @Nullable Lane lane(int number) {
    return lanes.get(number);
  }

  /** True for the number of a lane that there is, or was. */
  boolean knows(int number) {
    return number < numbers;
  }

  Collection<Lane> lanes() {
    return lanes.values();
  }

  /**
   * What this worker knows {@code lane} by, from now on if it does not yet; -1: it knows too many.
   */
  int number(Lane lane) {
    for (int number = 0; number < numbers; number++) {
      if (lanes.get(number) == lane) {
        return number;
      }
    }
    for (int number = 0; number < Wire.MAX_LANES; number++) {
      if (lanes.putIfAbsent(number, lane) == null) {
        numbers = Math.max(numbers, number + 1);
        return number;
      }
    }
    return -1;
  }

  /** The number of {@code lane} may be another one's. */
  void forget(Lane lane) {
    lanes.values().remove(lane);
  }

  /** Ends it; whoever waits for it goes on. */
  void kill(EndReason reason) {
    if (killed == null) {
      killed = reason;
    }
    window.close();
    worker.kill();
  }

  /** False where so many messages come that are not under flow control that it is an attack. */
  boolean takesUnpaid(long nowNs) {
    if (nowNs - unpaidSinceNs > 1_000_000_000L) {
      unpaidSinceNs = nowNs;
      unpaid = 0;
    }
    return ++unpaid <= MAX_UNPAID;
  }
}
