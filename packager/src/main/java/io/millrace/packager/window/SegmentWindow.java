package io.millrace.packager.window;

import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.Interval;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The sliding window of one rendition. The newest intervals are listed; those that have slid out
 * stay served for as long again, since a player may act on a playlist that it got before (RFC
 * 8216bis §6.2.2).
 *
 * <p>Written on the owner's thread (asserted); {@link #snapshot} may be read from any.
 */
public final class SegmentWindow {
  /** However short segments are. */
  private static final int MAX_LISTED = 8192;

  private final long windowUs;
  private final BooleanSupplier onOwnerThread;
  private final ArrayDeque<Interval> listed = new ArrayDeque<>();
  private final ArrayDeque<Interval> retired = new ArrayDeque<>();
  private long listedUs;
  private long retiredUs;
  private volatile WindowSnapshot snapshot = WindowSnapshot.EMPTY;

  /**
   * @param window what is listed lasts at least so long, once there is enough
   */
  public SegmentWindow(Duration window, BooleanSupplier onOwnerThread) {
    this.windowUs = window.toNanos() / 1_000;
    this.onOwnerThread = onOwnerThread;
  }

  /**
   * Adds the newest interval. A gap before the first segment is not listed: the rendition starts
   * with media. Where sequence numbers skip, the listing starts anew, for a playlist cannot express
   * a skip.
   *
   * @return what is not served any more
   */
  public List<Interval> add(Interval interval) {
    assert onOwnerThread.getAsBoolean();
    if (listed.isEmpty() && interval instanceof Gap) {
      return List.of();
    }
    if (!listed.isEmpty() && interval.sequence() != listed.getLast().sequence() + 1) {
      retire(listed.size());
    }
    listed.addLast(interval);
    listedUs += interval.durationUs();
    while (listedUs - listed.getFirst().durationUs() >= windowUs || listed.size() > MAX_LISTED) {
      retire(1);
    }
    snapshot = new WindowSnapshot(new ArrayList<>(listed));
    return expire();
  }

  private void retire(int count) {
    for (int i = 0; i < count; i++) {
      Interval oldest = listed.removeFirst();
      listedUs -= oldest.durationUs();
      retiredUs += oldest.durationUs();
      retired.addLast(oldest);
    }
  }

  /** The playlist that still had an interval may have been as long as the window is. */
  private List<Interval> expire() {
    List<Interval> expired = new ArrayList<>();
    long keepUs = Math.max(windowUs, listedUs);
    while (!retired.isEmpty()
        && (retiredUs - retired.getFirst().durationUs() >= keepUs || retired.size() > MAX_LISTED)) {
      Interval oldest = retired.removeFirst();
      retiredUs -= oldest.durationUs();
      expired.add(oldest);
    }
    return expired;
  }

  public WindowSnapshot snapshot() {
    return snapshot;
  }
}
