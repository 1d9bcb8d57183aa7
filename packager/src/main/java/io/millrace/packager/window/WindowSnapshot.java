package io.millrace.packager.window;

import io.millrace.media.Timescale;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a playlist lists, at one moment. Immutable, and made without looking at what is listed.
 *
 * @param first listed; null when nothing is
 * @param last listed; sequence numbers grow by one from {@code first}
 * @param firstKept what lies before is so old that delta playlists skip it
 * @param firstInParts what lies before is so old that its parts are not listed any more
 * @param firstTimed what lies before is so old that manifests do not list it while the stream goes
 *     on
 * @param newestSegment the newest interval that has media; null when none has
 * @param open the segment behind {@code last}, if it has begun
 * @param shortened true where {@code first} has had others before it, which were too old
 */
public record WindowSnapshot(
    @Nullable Entry first,
    @Nullable Entry last,
    @Nullable Entry firstKept,
    @Nullable Entry firstInParts,
    @Nullable Entry firstTimed,
    @Nullable Segment newestSegment,
    @Nullable OpenSegment open,
    boolean shortened) {
  static final WindowSnapshot EMPTY =
      new WindowSnapshot(null, null, null, null, null, null, null, false);

  public boolean isEmpty() {
    return first == null;
  }

  /** Sequence number of the first interval listed; -1 when there is none. */
  public long firstSequence() {
    return first == null ? -1 : first.sequence();
  }

  /** Sequence number of the last interval listed; -1 when there is none. */
  public long lastSequence() {
    return last == null ? -1 : last.sequence();
  }

  /** Intervals that delta playlists skip. */
  public long skipped() {
    return firstKept == null ? 0 : firstKept.sequence() - firstSequence();
  }

  /** True where playlists list the parts of an interval. */
  public boolean isInParts(Interval interval) {
    return firstInParts != null && interval.sequence() >= firstInParts.sequence();
  }

  /** The entry behind one that is listed; null behind the last. */
  public @Nullable Entry after(Entry entry) {
    return entry == last ? null : entry.next();
  }

  /** Every entry from {@code from} to the last, in order; linear in their number. */
  public void forEach(@Nullable Entry from, Consumer<Entry> each) {
    for (Entry entry = from; entry != null; entry = after(entry)) {
      each.accept(entry);
    }
  }

  /** All that is listed, copied. */
  public List<Interval> listed() {
    List<Interval> listed = new ArrayList<>();
    forEach(first, entry -> listed.add(entry.interval()));
    return Collections.unmodifiableList(listed);
  }

  /**
   * What lies between two instants, cut where the stream is: from the interval that {@code startUs}
   * is in to the one that {@code endUs} is in. The same numbers come out of every rendition.
   * Linear.
   *
   * @param startUs of the stream's time
   * @param endUs exclusive
   */
  public WindowSnapshot between(long startUs, long endUs) {
    Entry from = first;
    Entry to = null;
    Segment newest = null;
    for (Entry entry = first; entry != null; entry = after(entry)) {
      long boundaryUs = Timescale.VIDEO.rescale(entry.interval().boundaryTicks(), Timescale.MICROS);
      if (boundaryUs >= endUs) {
        break;
      }
      if (boundaryUs <= startUs) {
        from = entry;
        newest = null;
      }
      to = entry;
      if (entry.interval() instanceof Segment segment) {
        newest = segment;
      }
    }
    return to == null || newest == null || to.interval().endUs() <= startUs
        ? EMPTY
        : new WindowSnapshot(from, to, from, to, from, newest, null, false);
  }

  WindowSnapshot with(@Nullable OpenSegment segment) {
    return new WindowSnapshot(
        first, last, firstKept, firstInParts, firstTimed, newestSegment, segment, shortened);
  }
}
