package io.millrace.media.timeline;

import io.millrace.media.Timescale;

/** Audio time as a count of samples. The rules are those of {@link Timeline}'s essay. */
final class SampleCount {
  /**
   * Frames in a row that may overlap before the count goes back to the wire: about half a second.
   */
  private static final int OVERLAPS_ALLOWED = 24;

  /**
   * Short frames may be further off the wire than 3/4 of themselves: roundings and drift add up.
   */
  private static final int SMALLEST_BOUND_MS = 6;

  /** A frame is stretched or shrunk by no more than this part of itself: 0.5 %. */
  private static final int SLEW_DIVISOR = 200;

  private final SampleDrift drift = new SampleDrift();
  private boolean started;
  private int sampleRate;
  private long last;
  private long next;
  private int overlaps;
  private boolean catchingUp;
  private long owed;
  private long allowance;
  private long resyncs;
  private long squeezed;
  private long slewed;

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

  /** Samples by which frames were stretched or shrunk to follow the wire. */
  long slewed() {
    return slewed;
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
    measureAnew();
  }

  private void measureAnew() {
    drift.restart(sampleRate);
    owed = 0;
  }

  private long follow(long wire, int samplesPerFrame, boolean corrected) {
    long bound = Math.max(3L * samplesPerFrame / 4, SMALLEST_BOUND_MS * (long) sampleRate / 1000);
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
      measureAnew();
      return Math.max(wire, last + 1);
    }
    if (ahead < -bound) {
      resyncs++;
      return afterGap(wire, samplesPerFrame);
    }
    return slew(wire, samplesPerFrame);
  }

  /** A gap of whole frames keeps the sample grid; any other one begins again at the wire's time. */
  private long afterGap(long wire, int samplesPerFrame) {
    long missing = wire - next;
    long frames = (missing + samplesPerFrame / 2) / samplesPerFrame;
    if (Math.abs(missing - frames * samplesPerFrame) <= drift.tolerance()) {
      return next + frames * samplesPerFrame;
    }
    measureAnew();
    return wire;
  }

  /** The frame's place in the count, a few samples nearer to the wire while drift is owed. */
  private long slew(long wire, int samplesPerFrame) {
    if (owed == 0) {
      owed = drift.add(wire - next, samplesPerFrame);
      allowance = 0;
      return next;
    }
    allowance += samplesPerFrame;
    long step = Math.min(Math.abs(owed), allowance / SLEW_DIVISOR);
    allowance -= step * SLEW_DIVISOR;
    slewed += step;
    long signed = owed < 0 ? -step : step;
    owed -= signed;
    return next + signed;
  }
}
