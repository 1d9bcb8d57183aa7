package io.millrace.packager.window;

import io.millrace.media.TrackEvent.Boundary;
import io.millrace.packager.segment.Opening;
import io.millrace.packager.segment.Segment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where DASH periods start: at each discontinuity of the stream, where one rendition's init segment
 * changes, and where the set of renditions is another one. Within a period each rendition has one
 * init segment, and there are the same ones from its start to its end.
 *
 * <p>Owner's thread only. Bounded: {@link #forgetBefore} as the windows slide, and by number.
 */
public final class PeriodLog {
  private static final int MAX_KEPT = 256;

  /**
   * A period.
   *
   * @param sequence media sequence number that it starts at; 0 for the first
   * @param startTicks in {@link io.millrace.media.Timescale#VIDEO} ticks; 0 for the first
   * @param continuous true where renditions that are in the period before as well go on as they
   *     were
   */
  public record Start(long sequence, long startTicks, boolean continuous) {}

  private final TreeMap<Long, Start> starts = new TreeMap<>();
  private final Map<String, Integer> initNumbers = new HashMap<>();
  private long newestSequence = -1;

  public PeriodLog() {
    starts.put(0L, new Start(0, 0, false));
  }

  public void add(Boundary boundary) {
    add(boundary.sequence(), boundary.discontinuity(), boundary.startTicks());
  }

  /** Takes note of an interval, in the order of their numbers. */
  public void add(long sequence, boolean discontinuity, long startTicks) {
    if (sequence > newestSequence) {
      // Nothing is before the first boundary that a period could end for.
      if (discontinuity && newestSequence >= 0) {
        start(new Start(sequence, startTicks, false));
      }
      newestSequence = sequence;
    }
  }

  /** Takes note of a rendition's newest segment; true when its init segment is another one. */
  public boolean add(String rendition, Segment segment) {
    return add(rendition, segment.init().number(), segment.sequence(), segment.boundaryTicks());
  }

  /** Takes note of a segment that has begun; as above. */
  public boolean add(String rendition, Opening opening) {
    return add(
        rendition, opening.init().number(), opening.sequence(), opening.boundary().startTicks());
  }

  /** Takes note of a segment by the number of its init segment; as above. */
  public boolean add(String rendition, int initNumber, long sequence, long boundaryTicks) {
    Integer before = initNumbers.put(rendition, initNumber);
    boolean changed = before != null && before != initNumber;
    if (changed) {
      start(new Start(sequence, boundaryTicks, false));
    }
    return changed;
  }

  /** The set of renditions is another one from here on. */
  public void changed(Boundary boundary) {
    starts.putIfAbsent(
        boundary.sequence(), new Start(boundary.sequence(), boundary.startTicks(), true));
    trim();
  }

  private void start(Start start) {
    starts.merge(
        start.sequence(),
        start,
        (known, _) -> new Start(known.sequence(), known.startTicks(), false));
    trim();
  }

  private void trim() {
    if (starts.size() > MAX_KEPT) {
      starts.pollFirstEntry();
    }
  }

  public void forget(String rendition) {
    initNumbers.remove(rendition);
  }

  /** Drops periods that end at or before {@code sequence}. */
  public void forgetBefore(long sequence) {
    Long first = starts.floorKey(sequence);
    if (first != null) {
      starts.headMap(first).clear();
    }
  }

  /** In order; at least one. */
  public List<Start> starts() {
    return new ArrayList<>(starts.values());
  }
}
