package io.millrace.server.budget;

import io.millrace.codec.ladder.RungPace;
import java.time.Duration;
import java.util.List;

/**
 * Keeps one encoder in real time: where it is not a tenth faster than its pictures come, it gets a
 * faster preset, and half the frame rate where that is not enough; it gets them back when it would
 * be clearly fast enough. Confined to one thread.
 *
 * <p>This is about one encoder that is too slow for one core. Where the whole machine is full, the
 * {@link Governor} gives up what the operator wants given up first.
 */
final class SpeedGovernor {
  private static final double REAL_TIME = 1.1;

  /** With what it is expected to be after a step: no step at the edge. */
  private static final double CLEARLY = 1.4;

  /** Less than this with everything there is, and it is better given up. */
  private static final double HOPELESS = 0.9;

  private static final int LOOKS = 2;

  /** What the real-time factor is measured over. */
  private static final long MEASURE_NS = Duration.ofSeconds(4).toNanos();

  private static final long FINE_NS = Duration.ofSeconds(10).toNanos();
  private static final long SOON_NS = Duration.ofMinutes(1).toNanos();
  private static final long FIRST_WAIT_NS = Duration.ofSeconds(20).toNanos();
  private static final long LONGEST_WAIT_NS = Duration.ofMinutes(5).toNanos();

  /**
   * A pace, and what it costs.
   *
   * @param cost beside that of the first, which is 1
   */
  record Level(RungPace pace, double cost) {}

  private int level;
  private int slow;
  private long changedNs;
  private long fineSinceNs;
  private boolean fine;
  private long backNs;
  private boolean wasBack;
  private long waitNs;
  private boolean hopeless;

  SpeedGovernor(long nowNs) {
    this.changedNs = nowNs;
  }

  /**
   * Whether it is known to be too slow, and may yet become fast enough or has just been changed.
   */
  boolean canHelp(List<Level> levels, double realTimeFactor, long nowNs) {
    return realTimeFactor > 0
        && realTimeFactor < REAL_TIME
        && !hopeless
        && (level < levels.size() - 1 || nowNs - changedNs < MEASURE_NS);
  }

  /** The place in {@code levels} of the pace that it is to have. */
  int level(List<Level> levels) {
    return Math.min(level, levels.size() - 1);
  }

  /**
   * Looks at the encoder.
   *
   * @param levels the rung's own pace first, the cheapest last
   * @param realTimeFactor 0 where it has not been measured
   * @param settling whether it does not have the pace that was decided yet
   * @param mayStep whether it may be made cheaper
   * @return true where {@link #level} has changed
   */
  boolean look(
      List<Level> levels, double realTimeFactor, boolean settling, boolean mayStep, long nowNs) {
    level = level(levels);
    if (settling) {
      changedNs = nowNs;
    }
    if (realTimeFactor <= 0 || nowNs - changedNs < MEASURE_NS) {
      slow = 0;
      fine = false;
      return false;
    }
    double now = levels.get(level).cost();
    if (realTimeFactor < REAL_TIME) {
      fine = false;
      return ++slow >= LOOKS && mayStep && cheaper(levels, realTimeFactor * now, nowNs);
    }
    slow = 0;
    hopeless = false;
    return level > 0 && dearer(realTimeFactor * now / levels.get(level - 1).cost(), nowNs);
  }

  /**
   * @param full what the factor is at the rung's own pace
   */
  private boolean cheaper(List<Level> levels, double full, long nowNs) {
    int last = levels.size() - 1;
    if (full / levels.get(last).cost() < HOPELESS) {
      hopeless = true;
      return false;
    }
    hopeless = false;
    if (level == last) {
      return false;
    }
    int next = level + 1;
    while (next < last && full / levels.get(next).cost() < REAL_TIME) {
      next++;
    }
    boolean soon = wasBack && nowNs - backNs < SOON_NS;
    waitNs = soon ? Math.clamp(waitNs * 2, FIRST_WAIT_NS, LONGEST_WAIT_NS) : 0;
    change(next, nowNs);
    return true;
  }

  /**
   * @param expected what the factor would be one level dearer
   */
  private boolean dearer(double expected, long nowNs) {
    if (expected < CLEARLY) {
      fine = false;
      return false;
    }
    if (!fine) {
      fine = true;
      fineSinceNs = nowNs;
    }
    if (nowNs - fineSinceNs < FINE_NS || nowNs - changedNs < waitNs) {
      return false;
    }
    wasBack = true;
    backNs = nowNs;
    change(level - 1, nowNs);
    return true;
  }

  private void change(int to, long nowNs) {
    level = to;
    changedNs = nowNs;
    slow = 0;
    fine = false;
  }
}
