package io.millrace.media.timeline;

import io.millrace.media.Timescale;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One continuous time, in VIDEO ticks since the first sample, from the wrapped and jumping clock
 * that the tracks of a session share. The rules are those of {@link Timeline}'s essay.
 */
final class WireContinuity {
  private static final long FORWARD_TICKS = 3L * Timescale.VIDEO.ticksPerSecond();
  private static final long BACKWARD_TICKS = Timescale.VIDEO.ticksPerSecond() / 2;

  /** How far behind another track one may be before its own step says little. */
  private static final long ALONE_TICKS = Timescale.VIDEO.ticksPerSecond();

  private static final int REMEMBERED_CORRECTIONS = 8;

  /** Where one track stands. */
  static final class Track {
    private boolean started;
    private long raw;
    private long unwrapped;
    private long time;
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

  private final long wireTicks;
  private final int spareBits;
  private final List<Track> started = new ArrayList<>();
  private final Deque<Correction> corrections = new ArrayDeque<>();
  private @Nullable Track newest;
  private long jumps;

  /**
   * @param wireTicks VIDEO ticks in one tick of the wire
   * @param wireBits width of the wire's counter
   */
  WireContinuity(long wireTicks, int wireBits) {
    this.wireTicks = wireTicks;
    this.spareBits = Long.SIZE - wireBits;
    corrections.add(Correction.NONE);
  }

  long jumps() {
    return jumps;
  }

  /**
   * The continuous time of the track's next sample.
   *
   * @param raw as on the wire; only its low bits count
   * @param expected where the sample belongs if it follows the track's last one directly; not used
   *     for the track's first
   */
  long place(Track track, long raw, long expected) {
    Track base = track.started ? track : newest;
    if (base != null) {
      track.unwrapped = base.unwrapped + difference(raw, base.raw) * wireTicks;
      track.time = track.started ? follow(track, expected) : join(track, base);
    }
    track.raw = raw;
    if (!track.started) {
      track.started = true;
      started.add(track);
    }
    newest = track;
    return track.time;
  }

  /** a − b modulo the wire's width, taken as the shorter way round. */
  private long difference(long a, long b) {
    return (a - b) << spareBits >> spareBits;
  }

  /** A track's first sample, when others are already running. */
  private long join(Track track, Track other) {
    Correction best = null;
    long bestOff = FORWARD_TICKS + 1;
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

  private long follow(Track track, long expected) {
    long others = furthestBut(track);
    boolean alone = others > expected + ALONE_TICKS;
    long reference = alone ? others : expected;
    long sameClock = track.unwrapped + track.correction.ticks;
    Correction best = plausible(sameClock, expected, alone, others) ? track.correction : null;
    long bestOff = best == null ? Long.MAX_VALUE : Math.abs(sameClock - reference);
    for (Correction candidate : corrections) {
      long time = track.unwrapped + candidate.ticks;
      long off = Math.abs(time - reference);
      if (candidate.number > track.correction.number
          && off < bestOff
          && plausible(time, expected, alone, others)) {
        best = candidate;
        bestOff = off;
      }
    }
    Correction chosen = best == null ? jump(reference - track.unwrapped) : best;
    track.corrected = chosen.number != track.correction.number;
    track.correction = chosen;
    return track.unwrapped + chosen.ticks;
  }

  /**
   * The time of the track that has come furthest, apart from one; the smallest if there is none.
   */
  private long furthestBut(Track track) {
    long furthest = Long.MIN_VALUE;
    for (Track other : started) {
      if (other != track) {
        furthest = Math.max(furthest, other.time);
      }
    }
    return furthest;
  }

  private static boolean plausible(long time, long expected, boolean alone, long others) {
    return (time >= expected - BACKWARD_TICKS && time <= expected + FORWARD_TICKS)
        || (alone && Math.abs(time - others) <= ALONE_TICKS);
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
