package io.millrace.media.timeline;

import io.millrace.media.Timescale;

/** Audio time as a count of samples. The rules are those of {@link Timeline}'s essay. */
final class SampleCount {
  /**
   * Frames in a row that may overlap before the count goes back to the wire: about half a second.
   */
  private static final int OVERLAPS_ALLOWED = 24;

  private boolean started;
  private int sampleRate;
  private long last;
  private long next;
  private int overlaps;
  private boolean catchingUp;
  private long resyncs;
  private long squeezed;

  long resyncs() {
    return resyncs;
  }

  /** Where the next frame belongs if it follows the last one directly, in VIDEO ticks. */
  long nextTicks() {
    return started ? new Timescale(sampleRate).rescale(next, Timescale.VIDEO) : 0;
  }

  /** Frames that got one sample of time. */
  long squeezed() {
    return squeezed;
  }

  /**
   * The presentation time of the next frame in samples.
   *
   * @param wireTicks true to the wire, in VIDEO ticks
   * @param corrected true when the wire's clock jumped right here
   */
  long place(long wireTicks, int rate, int samplesPerFrame, boolean corrected) {
    long wire = Timescale.VIDEO.rescale(wireTicks, new Timescale(rate));
    if (!started || rate != sampleRate) {
      restart(wire, rate);
    } else {
      last = follow(wire, samplesPerFrame, corrected);
    }
    next = last + samplesPerFrame;
    return last;
  }

  private void restart(long wire, int rate) {
    last =
        started
            ? Math.max(wire, 1 + new Timescale(sampleRate).rescale(last, new Timescale(rate)))
            : wire;
    started = true;
    sampleRate = rate;
    overlaps = 0;
    catchingUp = false;
  }

  private long follow(long wire, int samplesPerFrame, boolean corrected) {
    long bound = 3L * samplesPerFrame / 4;
    long ahead = next - wire;
    if (ahead > bound) {
      overlaps++;
      if (corrected || overlaps > OVERLAPS_ALLOWED) {
        resyncs += catchingUp ? 0 : 1;
        catchingUp = true;
      }
    } else {
      overlaps = 0;
    }
    if (catchingUp) {
      catchingUp = wire <= last;
      squeezed += catchingUp ? 1 : 0;
      return Math.max(wire, last + 1);
    }
    if (ahead < -bound) {
      resyncs++;
      return afterGap(wire, samplesPerFrame);
    }
    return next;
  }

  /** A gap of whole frames keeps the sample grid; any other one begins again at the wire's time. */
  private long afterGap(long wire, int samplesPerFrame) {
    long frames = (wire - next + samplesPerFrame / 2) / samplesPerFrame;
    long onGrid = next + frames * samplesPerFrame;
    long twoMilliseconds = sampleRate / 500;
    return Math.abs(onGrid - wire) <= twoMilliseconds ? onGrid : wire;
  }
}
