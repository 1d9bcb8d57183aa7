package io.millrace.server.live;

import java.util.Arrays;

/** Where what has been sent of each track ends, in video ticks. Not thread-safe. */
final class TrackEnds {
  private long[] ends = new long[4];
  private long latest;

  void reach(int track, long ticks) {
    if (track >= ends.length) {
      ends = Arrays.copyOf(ends, Math.max(track + 1, 2 * ends.length));
    }
    ends[track] = Math.max(ends[track], ticks);
    latest = Math.max(latest, ticks);
  }

  /** 0 for a track that has sent nothing. */
  long of(int track) {
    return track < ends.length ? ends[track] : 0;
  }

  /** The latest end of any track. */
  long latest() {
    return latest;
  }
}
