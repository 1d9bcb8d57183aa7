package io.millrace.server.live;

import io.millrace.media.Timescale;
import java.time.Duration;
import java.util.TreeSet;

/**
 * Where segments start: the whole cutting policy.
 *
 * <p>A segment starts at a key frame. Of two neighbouring key frames the one nearer to the target
 * duration is taken, judged by the last key-frame interval: a 0.5 s GOP gives 2.0 s segments for a
 * 2 s target, a 1.92 s GOP gives 1.92 s, an 8 s GOP 8 s. The first key frame at or behind a splice
 * point always starts one. Where there is no video, segments start every target duration.
 *
 * <p>Not thread-safe; times in {@link Timescale#VIDEO} ticks.
 */
final class SegmentPlanner {
  private static final int MAX_SPLICES = 16;

  /** 10 ms: a key frame that is meant for a splice point may be off by rounding. */
  private static final long SPLICE_TOLERANCE_TICKS = Timescale.VIDEO.ticksPerSecond() / 100;

  private final long targetTicks;
  private final TreeSet<Long> splices = new TreeSet<>();
  private long openTicks;
  private long lastKeyTicks;
  private boolean open;

  SegmentPlanner(Duration target) {
    this.targetTicks = Timescale.MICROS.rescale(target.toNanos() / 1_000, Timescale.VIDEO);
  }

  long targetTicks() {
    return targetTicks;
  }

  /** Forgets the open segment: the next key frame starts one. */
  void close() {
    open = false;
  }

  boolean isOpen() {
    return open;
  }

  /** Wants a segment to start at {@code ptsTicks}, or as soon behind it as one can. */
  void spliceAt(long ptsTicks) {
    if (!open || ptsTicks > openTicks + SPLICE_TOLERANCE_TICKS) {
      splices.add(ptsTicks);
      if (splices.size() > MAX_SPLICES) {
        splices.pollFirst();
      }
    }
  }

  /** True when a segment starts at this key frame; remembers it. */
  boolean startsAtKey(long ptsTicks) {
    var reached = splices.headSet(ptsTicks + SPLICE_TOLERANCE_TICKS, true);
    if (!reached.isEmpty()) {
      reached.clear();
      close();
    }
    long gopTicks = Math.max(0, ptsTicks - lastKeyTicks);
    lastKeyTicks = ptsTicks;
    return start(ptsTicks, targetTicks - gopTicks / 2);
  }

  /** True when a segment of a stream without video starts at this audio frame; remembers it. */
  boolean startsAtAudio(long ptsTicks) {
    return start(ptsTicks, targetTicks);
  }

  private boolean start(long ptsTicks, long enoughTicks) {
    if (open && ptsTicks - openTicks < Math.max(1, enoughTicks)) {
      return false;
    }
    open = true;
    openTicks = ptsTicks;
    return true;
  }
}
