package io.millrace.packager;

/**
 * How far a rendition's playlist reaches. All intervals before {@code openSequence} are complete,
 * or gaps.
 *
 * @param openSequence media sequence number of the segment that is being made, or is next
 * @param openParts parts of it that are there
 */
public record Edge(long openSequence, int openParts) {
  /** True when the playlist has the part, or the whole segment that it belongs to. */
  public boolean contains(long sequence, int part) {
    return sequence < openSequence || (sequence == openSequence && part < openParts);
  }

  /** True when the playlist has the whole segment. */
  public boolean contains(long sequence) {
    return sequence < openSequence;
  }
}
