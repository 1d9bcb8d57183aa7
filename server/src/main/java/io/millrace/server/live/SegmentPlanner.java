package io.millrace.server.live;

import io.millrace.media.Timescale;
import java.time.Duration;

/**
 * Where segments start: the whole cutting policy.
 *
 * <p>A segment starts at a key frame. Of two neighbouring key frames the one nearer to the target
 * duration is taken, judged by the last key-frame interval: a 0.5 s GOP gives 2.0 s segments for a
 * 2 s target, a 1.92 s GOP gives 1.92 s, an 8 s GOP 8 s. Where there is no video, segments start
 * every target duration.
 *
 * <p>Not thread-safe; times in {@link Timescale#VIDEO} ticks.
 */
final class SegmentPlanner {
  private final long targetTicks;
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

  /** True when a segment starts at this key frame; remembers it. */
  boolean startsAtKey(long ptsTicks) {
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
