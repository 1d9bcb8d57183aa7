package io.millrace.packager.segment;

import io.millrace.media.TrackEvent.Boundary;

/** Learns of media as it is made; called on the packager's thread, in order. */
public interface SegmentListener {
  /** A format that following segments may refer to; one that has been told may be told again. */
  void init(InitSegment init);

  /** An interval starts; every boundary that has come, before anything is said of its interval. */
  void boundary(Boundary boundary);

  /** The open interval becomes a segment, or else is {@link #givenUp}. */
  default void opened(Opening opening) {}

  /**
   * A part of the open segment is sealed; the segment follows with all its parts.
   *
   * @param last true when the segment follows at once
   */
  default void part(long sequence, Part part, boolean last) {}

  /** The segment that was opened will never be one; its interval follows as a {@link Gap}. */
  default void givenUp(long sequence) {}

  /** The interval is over. Sequence numbers grow by one, unless the source skipped very many. */
  void interval(Interval interval);

  /**
   * The interval is given up; it follows as a {@link Gap}. Of a run of intervals given up for the
   * same reason, only the first is told.
   */
  void problem(long sequence, String reason);
}
