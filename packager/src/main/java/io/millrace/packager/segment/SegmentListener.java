package io.millrace.packager.segment;

import io.millrace.media.TrackEvent.Boundary;

/** Learns of media as it is made; called on the packager's thread, in order. */
public interface SegmentListener {
  /** A format that following segments may refer to; one that has been told may be told again. */
  void init(InitSegment init);

  /** An interval starts; every boundary that has come, before anything is said of its interval. */
  void boundary(Boundary boundary);

  /** A part of the open segment is sealed; the segment follows with all its parts. */
  default void part(long sequence, Part part) {}

  /** The interval is over. Sequence numbers grow by one, unless the source skipped very many. */
  void interval(Interval interval);

  /**
   * The interval is given up; it follows as a {@link Gap}. Of a run of intervals given up for the
   * same reason, only the first is told.
   */
  void problem(long sequence, String reason);
}
