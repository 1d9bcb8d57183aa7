package io.millrace.media.timeline;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One continuous time, in wire ticks since the first sample, from the wrapped and jumping clock
 * that two tracks share. The rules are those of {@link Timeline}'s essay.
 */
final class WireContinuity {
  private static final int REMEMBERED_CORRECTIONS = 8;

  /** Where one track stands. */
  static final class Track {
    private boolean started;
    private long raw;
    private long unwrapped;
    private long time;
    private long step;
    private Correction correction = Correction.NONE;
    private boolean corrected;

    /** True when the sample placed last was the first behind a jump of the clock. */
    boolean corrected() {
      return corrected;
    }
  }

  /** What is added to unwrapped time from a jump on; {@code number} grows. */
  private record Correction(int number, long ticks) {
    static final Correction NONE = new Correction(0, 0);
  }

  private final int wireBits;
  private final long forwardTicks;
  private final long backwardTicks;
  private final long aloneTicks;
  private final Deque<Correction> corrections = new ArrayDeque<>();
  private long jumps;

  WireContinuity(int wireTicksPerSecond, int wireBits) {
    this.wireBits = wireBits;
    this.forwardTicks = 3L * wireTicksPerSecond;
    this.backwardTicks = wireTicksPerSecond / 2;
    this.aloneTicks = wireTicksPerSecond;
    corrections.add(Correction.NONE);
  }

  long jumps() {
    return jumps;
  }

  /**
   * The continuous time of the track's next sample.
   *
   * @param raw as on the wire; only its low bits count
   * @param nominalStep what a sample of this track lasts, or 0 to go by the last step seen
   */
  long place(Track track, Track other, long raw, long nominalStep) {
    track.corrected = false;
    if (!track.started && !other.started) {
      track.started = true;
      track.raw = raw;
      return 0;
    }
    Track base = track.started ? track : other;
    track.unwrapped = base.unwrapped + difference(raw, base.raw);
    track.raw = raw;
    long time = track.started ? follow(track, other) : join(track, other);
    long step = time - track.time;
    if (nominalStep > 0) {
      track.step = nominalStep;
    } else if (track.started && step > 0 && step <= aloneTicks) {
      track.step = step;
    }
    track.time = track.started ? Math.max(track.time, time) : time;
    track.started = true;
    return time;
  }

  /** a − b modulo 2^wireBits, taken as the shorter way round. */
  private long difference(long a, long b) {
    int spare = 64 - wireBits;
    return (a - b) << spare >> spare;
  }

  /** A track's first sample, when the other one is already running. */
  private long join(Track track, Track other) {
    Correction best = null;
    long bestOff = forwardTicks + 1;
    for (Correction candidate : corrections) {
      long off = Math.abs(track.unwrapped + candidate.ticks - other.time);
      if (off < bestOff || (off == bestOff && candidate.equals(other.correction))) {
        best = candidate;
        bestOff = off;
      }
    }
    track.correction = best == null ? jump(other.time - track.unwrapped) : best;
    return track.unwrapped + track.correction.ticks;
  }

  private long follow(Track track, Track other) {
    long expected = track.time + track.step;
    boolean alone = other.started && other.time - expected > aloneTicks;
    long reference = alone ? other.time : expected;
    long sameClock = track.unwrapped + track.correction.ticks;
    Correction best = plausible(sameClock, expected, alone, other.time) ? track.correction : null;
    long bestOff = best == null ? Long.MAX_VALUE : Math.abs(sameClock - reference);
    for (Correction candidate : corrections) {
      long time = track.unwrapped + candidate.ticks;
      long off = Math.abs(time - reference);
      if (candidate.number > track.correction.number
          && off < bestOff
          && plausible(time, expected, alone, other.time)) {
        best = candidate;
        bestOff = off;
      }
    }
    Correction chosen = best == null ? jump(reference - track.unwrapped) : best;
    track.corrected = chosen.number != track.correction.number;
    track.correction = chosen;
    return track.unwrapped + chosen.ticks;
  }

  private boolean plausible(long time, long expected, boolean alone, long otherTime) {
    return (time >= expected - backwardTicks && time <= expected + forwardTicks)
        || (alone && Math.abs(time - otherTime) <= aloneTicks);
  }

  private Correction jump(long ticks) {
    jumps++;
    Correction correction = new Correction(corrections.getLast().number + 1, ticks);
    corrections.add(correction);
    if (corrections.size() > REMEMBERED_CORRECTIONS) {
      corrections.removeFirst();
    }
    return correction;
  }
}
