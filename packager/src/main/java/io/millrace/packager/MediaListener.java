package io.millrace.packager;

import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.segment.Interval;
import java.time.Instant;

/**
 * Learns of what every rendition has sealed, for recordings and windows on disk; called on the
 * owner's thread, behind the viewers' update. Must not block or throw.
 */
public interface MediaListener {
  /**
   * An interval is over: a segment with its bytes and its init segment, or a gap. Sequence numbers
   * of a rendition grow; renditions come in any order.
   *
   * @param epoch wall-clock time of tick 0
   */
  void interval(RenditionSpec rendition, Kind kind, Instant epoch, Interval interval);

  /** The presentation is closed; everything has been told. */
  void end();
}
