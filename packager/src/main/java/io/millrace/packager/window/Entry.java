package io.millrace.packager.window;

import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import org.jspecify.annotations.Nullable;

/**
 * An interval in a window, with what playlists say of it, made once when it is sealed.
 *
 * <p>Entries are a singly linked list that only grows at its end, so a snapshot is two ends of it
 * and costs the same however long it is. An entry's link is written, on the owner's thread, before
 * the first snapshot that goes beyond it is published; readers of older snapshots stop before.
 */
public final class Entry {
  private volatile Interval interval;
  private final byte[] text;
  private final @Nullable InitSegment map;
  private @Nullable Entry next;
  private @Nullable Stretch stretch;

  /**
   * @param text what a playlist has for it where the interval before it is listed as well; shared,
   *     read-only
   * @param map the init segment in force: its own, or for a gap that of the interval before
   */
  Entry(Interval interval, byte[] text, @Nullable InitSegment map) {
    this.interval = interval;
    this.text = text;
    this.map = map;
  }

  public Interval interval() {
    return interval;
  }

  /** Lets go of the media; what playlists say of it stays. Owner's thread. */
  void cool() {
    interval =
        switch (interval) {
          case Segment segment -> segment.withoutMedia();
          case Gap gap -> gap.withoutMedia();
        };
  }

  public byte[] text() {
    return text;
  }

  public @Nullable InitSegment map() {
    return map;
  }

  public long sequence() {
    return interval.sequence();
  }

  void begin(Stretch whole) {
    stretch = whole;
  }

  /** The stretch that begins here, once there is one; it may end behind a reader's snapshot. */
  public @Nullable Stretch stretch() {
    return stretch;
  }

  void append(Entry entry) {
    next = entry;
  }

  /** Null at the end of the list. Readers stop at their snapshot's last entry, and never get it. */
  @Nullable Entry next() {
    return next;
  }
}
