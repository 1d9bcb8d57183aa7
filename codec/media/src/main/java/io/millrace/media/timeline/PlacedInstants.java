package io.millrace.media.timeline;

import java.util.Arrays;

/**
 * The ticks that the instants of the wire were given lately, so that an instant which several video
 * tracks share becomes one tick in all of them.
 *
 * <p>A table of about two seconds in buckets of 2 ms, wider than a wire tick and narrower than a
 * frame; newer instants overwrite those that have the same place.
 */
final class PlacedInstants {
  /** Returned where no other track has been near the instant. */
  static final long NONE = Long.MIN_VALUE;

  private static final int BUCKETS = 1024;
  private static final int BUCKET_TICKS = 720;

  private final long toleranceTicks;
  private final long[] instants = new long[BUCKETS];
  private final long[] placed = new long[BUCKETS];
  private final byte[] tracks = new byte[BUCKETS];

  /**
   * @param toleranceTicks how far apart two tracks may write the same instant: a tick of the wire,
   *     because senders round decoding time and composition offset each on its own
   */
  PlacedInstants(long toleranceTicks) {
    this.toleranceTicks = Math.min(toleranceTicks, BUCKET_TICKS);
    Arrays.fill(instants, NONE);
  }

  /** Where a track other than {@code track} has placed the instant, or {@link #NONE}. */
  long ofAnother(int track, long instantTicks) {
    long first = Math.floorDiv(instantTicks, BUCKET_TICKS) - 1;
    long nearest = toleranceTicks + 1;
    long found = NONE;
    for (long bucket = first; bucket <= first + 2; bucket++) {
      int slot = slot(bucket);
      long off = Math.abs(instantTicks - instants[slot]);
      if (instants[slot] != NONE && tracks[slot] != track && off < nearest) {
        nearest = off;
        found = placed[slot];
      }
    }
    return found;
  }

  void remember(int track, long instantTicks, long placedTicks) {
    int slot = slot(Math.floorDiv(instantTicks, BUCKET_TICKS));
    instants[slot] = instantTicks;
    placed[slot] = placedTicks;
    tracks[slot] = (byte) track;
  }

  private static int slot(long bucket) {
    return (int) (bucket & (BUCKETS - 1));
  }
}
