package io.millrace.server.live;

import io.millrace.media.TrackEvent.Sample;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Holds the samples of one track back until the main video has reached the same instant, so that a
 * boundary is always announced before what belongs behind it. Publishers interleave, so the wait is
 * a frame or two; a publisher whose main video stalls gets the others through after {@link
 * #MAX_HOLD_TICKS}.
 *
 * <p>Owns the held samples. Not thread-safe.
 */
final class TrackGate {
  /** 1.5 s in video ticks. */
  static final long MAX_HOLD_TICKS = 540_000;

  private static final int MAX_SAMPLES = 1024;

  private record Held(Sample sample, long ticks) {}

  private final ArrayDeque<Held> held = new ArrayDeque<>();
  private long newestTicks;

  /**
   * Takes a sample.
   *
   * @param ticks where it belongs, in video ticks: the presentation time of what a segment may
   *     start with
   */
  void offer(Sample sample, long ticks) {
    held.addLast(new Held(sample, ticks));
    newestTicks = ticks;
  }

  /**
   * Returns the next sample before the main video's decoding time, or one that has waited too long;
   * null when none.
   */
  @Nullable Sample poll(long videoDtsTicks) {
    Held first = held.peekFirst();
    if (first == null
        || (first.ticks >= videoDtsTicks
            && newestTicks - first.ticks < MAX_HOLD_TICKS
            && held.size() < MAX_SAMPLES)) {
      return null;
    }
    held.removeFirst();
    return first.sample;
  }

  /** Returns the next sample whatever its time, or null. */
  @Nullable Sample pollAny() {
    Held first = held.pollFirst();
    return first == null ? null : first.sample;
  }

  /** Span of what is held, in video ticks. */
  long heldTicks() {
    Held first = held.peekFirst();
    return first == null ? 0 : newestTicks - first.ticks;
  }

  void clear() {
    held.forEach(h -> h.sample.release());
    held.clear();
  }
}
