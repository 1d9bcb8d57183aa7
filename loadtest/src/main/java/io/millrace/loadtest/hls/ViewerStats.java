package io.millrace.loadtest.hls;

/**
 * One viewer's counters so far; a snapshot.
 *
 * @param firstSegmentUs from the viewer's start to the end of its first media segment; −1 before
 * @param playlists playlists fetched, once the stream was there
 * @param segments media segments fetched, of all tracks
 * @param mediaBytes in those segments
 * @param gaps segments that the playlist marks as missing
 * @param missed segments that left the playlist before they were seen
 * @param errors requests that failed once the stream was there
 * @param stalls times that the buffer ran empty
 * @param stalledUs for how long altogether
 * @param lastError what the newest error was; empty for none
 */
public record ViewerStats(
    long firstSegmentUs,
    long playlists,
    long segments,
    long mediaBytes,
    long gaps,
    long missed,
    long errors,
    long stalls,
    long stalledUs,
    String lastError) {
  /** Nothing yet. */
  public static final ViewerStats NONE = new ViewerStats(-1, 0, 0, 0, 0, 0, 0, 0, 0, "");

  /** Two viewers' counters together; the later first segment and the newer error stand. */
  public ViewerStats plus(ViewerStats other) {
    return new ViewerStats(
        Math.max(firstSegmentUs, other.firstSegmentUs),
        playlists + other.playlists,
        segments + other.segments,
        mediaBytes + other.mediaBytes,
        gaps + other.gaps,
        missed + other.missed,
        errors + other.errors,
        stalls + other.stalls,
        stalledUs + other.stalledUs,
        other.lastError.isEmpty() ? lastError : other.lastError);
  }
}
