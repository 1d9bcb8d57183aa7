package io.millrace.packager.window;

import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The sliding window of one rendition. The newest intervals are listed; those that have slid out
 * stay served for as long again, since a player may act on a playlist that it got before (RFC
 * 8216bis §6.2.2).
 *
 * <p>Of a window that is longer than what fits into memory, only the newest part is {@code hot}:
 * the media of the rest is let go of, and only what playlists say of it is kept here.
 *
 * <p>One list from the oldest served to the newest, with marks that only move forward: what an
 * update costs does not depend on how much is listed.
 *
 * <p>Written on the owner's thread (asserted); {@link #snapshot} may be read from any.
 */
public final class SegmentWindow {
  /**
   * How much manifests list while the stream goes on. A timeline has an element for every segment
   * whose length differs from the one before, as those of sound do in turns, and players read all
   * of it again and again; playlists have deltas for that.
   */
  public static final Duration TIMELINE = Duration.ofHours(1);

  private static final long TIMELINE_US = TIMELINE.toNanos() / 1_000;

  /** However short segments are. */
  private static final int MAX_LISTED = 65_536;

  /**
   * What is not needed any more.
   *
   * @param expired intervals that are not served any more, the oldest first
   * @param whole intervals whose parts are not served any more by themselves
   * @param cooled intervals that stay listed and whose media is not kept in memory any more
   */
  public record Change(List<Interval> expired, List<Interval> whole, List<Interval> cooled) {
    private static final Change NONE = new Change(List.of(), List.of(), List.of());
  }

  private final long windowUs;

  /** How much keeps its media; all of it where there is nothing else to get it from. */
  private final long hotUs;

  private final Stretch.Writer stretches;
  private final BooleanSupplier onOwnerThread;

  private @Nullable Entry oldest;
  private @Nullable Entry first;
  private @Nullable Entry last;
  private @Nullable Entry firstKept;
  private @Nullable Entry firstInParts;
  private @Nullable Entry firstTimed;

  /** Null where all is. */
  private @Nullable Entry firstHot;

  private @Nullable Segment newestSegment;
  private @Nullable Entry firstOfStretch;
  private final List<Segment> stretch = new ArrayList<>(Stretch.INTERVALS);
  private int stretchIntervals;
  private long stretchBehindTicks;
  private long listedUs;
  private int listed;
  private boolean anewAtNext;
  private boolean shortened;
  private long retiredUs;
  private int retired;
  private long moves;
  private volatile WindowSnapshot snapshot = WindowSnapshot.EMPTY;

  /**
   * All media is kept here.
   *
   * @param window what is listed lasts at least so long, once there is enough
   */
  public SegmentWindow(Duration window, Stretch.Writer stretches, BooleanSupplier onOwnerThread) {
    this(window, Long.MAX_VALUE, stretches, onOwnerThread);
  }

  /**
   * @param window what is listed lasts at least so long, once there is enough
   * @param hot how much of it keeps its media
   */
  public SegmentWindow(
      Duration window, Duration hot, Stretch.Writer stretches, BooleanSupplier onOwnerThread) {
    this(window, hot.toNanos() / 1_000, stretches, onOwnerThread);
  }

  private SegmentWindow(
      Duration window, long hotUs, Stretch.Writer stretches, BooleanSupplier onOwnerThread) {
    this.windowUs = window.toNanos() / 1_000;
    this.hotUs = hotUs;
    this.stretches = stretches;
    this.onOwnerThread = onOwnerThread;
  }

  /**
   * True when {@code interval} will be the first one listed, for a playlist cannot skip numbers.
   */
  public boolean startsAnew(Interval interval) {
    return last == null || anewAtNext || interval.sequence() != last.sequence() + 1;
  }

  /** What is listed now is not any more when the next interval is. */
  public void startAnewAtNext() {
    assert onOwnerThread.getAsBoolean();
    anewAtNext = true;
  }

  /** The init segment in force behind what is listed. */
  public @Nullable InitSegment map() {
    return last == null ? null : last.map();
  }

  /** The newest interval listed. */
  public @Nullable Interval newest() {
    return last == null ? null : last.interval();
  }

  /**
   * Adds the newest interval; whatever was open is closed with it. A gap before the first segment
   * is not listed: the rendition starts with media.
   *
   * @param text what a playlist has for it behind the interval before
   * @param keptUs delta playlists keep at least so much
   * @param partsUs playlists list the parts of at least so much
   * @param availableFrom no interval before this sequence number is listed any more, unless its
   *     media is here
   */
  public Change add(Interval interval, byte[] text, long keptUs, long partsUs, long availableFrom) {
    assert onOwnerThread.getAsBoolean();
    if (last == null && interval instanceof Gap) {
      return Change.NONE;
    }
    boolean anew = startsAnew(interval);
    anewAtNext = false;
    InitSegment map = interval instanceof Segment segment ? segment.init() : anew ? null : map();
    Entry entry = new Entry(interval, text, map);
    if (last == null) {
      oldest = entry;
    } else {
      last.append(entry);
    }
    last = entry;
    List<Interval> whole = new ArrayList<>();
    if (anew) {
      collectWhole(entry, whole);
      retireAll();
      first = entry;
      shortened = false;
      firstKept = entry;
      firstInParts = entry;
      firstTimed = entry;
      firstOfStretch = null;
    }
    stretch(entry);
    if (firstHot == null && hotUs != Long.MAX_VALUE) {
      firstHot = entry;
    }
    listedUs += interval.durationUs();
    listed++;
    if (interval instanceof Segment segment) {
      newestSegment = segment;
    } else if (anew) {
      newestSegment = null;
    }
    while (first != null
        && (listedUs - first.interval().durationUs() >= windowUs || listed > MAX_LISTED)) {
      retireFirst(first);
    }
    moveMarks(interval.endUs(), keptUs, partsUs, whole);
    List<Interval> cooled = cool(interval.endUs());
    retireBefore(availableFrom);
    snapshot =
        new WindowSnapshot(
            first,
            last,
            later(firstKept),
            later(firstInParts),
            later(firstTimed),
            newestSegment,
            null,
            shortened);
    return new Change(expire(), whole, cooled);
  }

  /**
   * Lists no interval before this sequence number any more, unless its media is here.
   *
   * @return what is not needed any more; whatever is open stays shown
   */
  public Change trim(long availableFrom) {
    assert onOwnerThread.getAsBoolean();
    if (first == null || first.sequence() >= availableFrom) {
      return Change.NONE;
    }
    retireBefore(availableFrom);
    snapshot =
        new WindowSnapshot(
            first,
            last,
            later(firstKept),
            later(firstInParts),
            later(firstTimed),
            newestSegment,
            snapshot.open(),
            shortened);
    return new Change(expire(), List.of(), List.of());
  }

  /** Before {@link #newestSegment} is this entry's. */
  private void stretch(Entry entry) {
    if (firstOfStretch == null) {
      firstOfStretch = entry;
      stretchIntervals = 0;
      stretch.clear();
      stretchBehindTicks = newestSegment == null ? Long.MIN_VALUE : newestSegment.endTicks();
    }
    stretchIntervals++;
    if (entry.interval() instanceof Segment segment) {
      stretch.add(segment.withoutMedia());
    }
    if (stretchIntervals == Stretch.INTERVALS) {
      String text = stretches.text(stretch, stretchBehindTicks);
      firstOfStretch.begin(Stretch.of(entry, stretch, text));
      firstOfStretch = null;
    }
  }

  private void retireBefore(long sequence) {
    while (first != null && first != firstHot && first != last && first.sequence() < sequence) {
      retireFirst(first);
    }
  }

  /** Lets go of the media that is neither new nor somebody's who has just got it listed. */
  private List<Interval> cool(long endUs) {
    List<Interval> cooled = new ArrayList<>();
    while (firstHot != null && firstHot != last && endUs - firstHot.interval().endUs() > hotUs) {
      cooled.add(firstHot.interval());
      firstHot.cool();
      firstHot = firstHot.next();
      moves++;
    }
    return cooled;
  }

  /** Shows a segment as far as it is, or none. */
  public void open(@Nullable OpenSegment segment) {
    assert onOwnerThread.getAsBoolean();
    snapshot = snapshot.with(segment);
  }

  private @Nullable Entry later(@Nullable Entry mark) {
    return mark == null || first == null || mark.sequence() >= first.sequence() ? mark : first;
  }

  private void collectWhole(Entry end, List<Interval> whole) {
    for (Entry entry = firstKept; entry != null && entry != end; entry = entry.next()) {
      whole.add(entry.interval());
      moves++;
    }
  }

  private void retireAll() {
    retiredUs += listedUs;
    retired += listed;
    listedUs = 0;
    listed = 0;
  }

  private void retireFirst(Entry retiring) {
    long us = retiring.interval().durationUs();
    listedUs -= us;
    listed--;
    retiredUs += us;
    retired++;
    first = retiring.next();
    shortened = true;
    moves++;
  }

  /**
   * Parts are served by themselves for as long as delta playlists keep their segments: a player may
   * be so far behind the playlist that it acts on.
   */
  private void moveMarks(long endUs, long keptUs, long partsUs, List<Interval> whole) {
    while (firstKept != null
        && firstKept != last
        && endUs - firstKept.interval().endUs() > keptUs) {
      whole.add(firstKept.interval());
      firstKept = firstKept.next();
      moves++;
    }
    while (firstInParts != null
        && firstInParts != last
        && endUs - firstInParts.interval().endUs() >= partsUs) {
      firstInParts = firstInParts.next();
      moves++;
    }
    firstTimed = later(firstTimed); // an hour of media is not kept for a mark
    while (firstTimed != null
        && firstTimed != last
        && endUs - firstTimed.interval().endUs() > TIMELINE_US) {
      firstTimed = firstTimed.next();
      moves++;
    }
  }

  /**
   * The playlist that still had an interval may have been as long as the window is; of one that is
   * longer than memory, only so much is kept behind it as is kept in memory.
   */
  private List<Interval> expire() {
    List<Interval> expired = new ArrayList<>();
    long keepUs = Math.min(hotUs, Math.max(windowUs, listedUs));
    while (oldest != null
        && retired > 0
        && (retiredUs - oldest.interval().durationUs() >= keepUs || retired > MAX_LISTED)) {
      expired.add(oldest.interval());
      retiredUs -= oldest.interval().durationUs();
      retired--;
      oldest = oldest.next();
      moves++;
    }
    return expired;
  }

  public WindowSnapshot snapshot() {
    return snapshot;
  }

  /** Entries looked at to move marks, so far: at most a few for each interval added. */
  long moves() {
    return moves;
  }
}
