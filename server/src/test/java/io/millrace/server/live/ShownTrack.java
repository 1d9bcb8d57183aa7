package io.millrace.server.live;

import org.jspecify.annotations.Nullable;

/**
 * One track as a player shows it, whoever made its frames: how far they are apart, and how often
 * what is made up to cover a loss begins and ends. Frames come in decoding order, which has to be
 * the order of presentation.
 */
final class ShownTrack {
  private SegmentFrames.@Nullable Frame last;
  private long widestStepTicks;
  private long narrowestStepTicks = Long.MAX_VALUE;
  private long frames;
  private int joins;

  void add(SegmentFrames.Frame frame) {
    SegmentFrames.Frame before = last;
    if (before != null) {
      long step = frame.ptsTicks() - before.ptsTicks();
      widestStepTicks = Math.max(widestStepTicks, step);
      narrowestStepTicks = Math.min(narrowestStepTicks, step);
      joins += isFiller(before) == isFiller(frame) ? 0 : 1;
    }
    last = frame;
    frames++;
  }

  private static boolean isFiller(SegmentFrames.Frame frame) {
    return frame.publisher() == SimulatedFillers.NUMBER;
  }

  /** From one frame to the next, at most. */
  long widestStepTicks() {
    return widestStepTicks;
  }

  /** From one frame to the next, at least; not positive where frames overlap. */
  long narrowestStepTicks() {
    return narrowestStepTicks;
  }

  /** Frames so far. */
  long frames() {
    return frames;
  }

  /** Changes from a publisher to what covers its loss, and back. */
  int joins() {
    return joins;
  }

  /** Presentation time of the newest frame. */
  long lastTicks() {
    return last == null ? 0 : last.ptsTicks();
  }
}
