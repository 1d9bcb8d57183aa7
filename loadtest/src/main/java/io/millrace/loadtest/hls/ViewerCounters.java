package io.millrace.loadtest.hls;

import java.util.Objects;

/** What a viewer counts: written by its thread, read by any. */
final class ViewerCounters {
  private final Playhead playhead = new Playhead();
  private long startNs;
  private long firstSegmentUs = -1;
  private long playlists;
  private long segments;
  private long mediaBytes;
  private long gaps;
  private long missed;
  private long errors;
  private String lastError = "";

  synchronized void started(long nowNs) {
    startNs = nowNs;
  }

  /** Kept for the report of a stream that never came; not an error. */
  synchronized void notThereYet(Exception why) {
    lastError = String.valueOf(why.getMessage());
  }

  synchronized void playlist() {
    if (playlists++ == 0) {
      lastError = "";
    }
  }

  synchronized void segment(long nowNs, long sizeBytes) {
    if (segments++ == 0) {
      firstSegmentUs = (nowNs - startNs) / 1_000;
    }
    mediaBytes += sizeBytes;
  }

  synchronized void media(long nowNs, long durationUs, long startAtUs) {
    playhead.arrived(nowNs, durationUs, startAtUs);
  }

  synchronized void gap() {
    gaps++;
  }

  synchronized void missed(long count) {
    missed += count;
  }

  synchronized void error(Exception why) {
    errors++;
    lastError = Objects.requireNonNullElse(why.getMessage(), why.getClass().getSimpleName());
  }

  synchronized ViewerStats snapshot() {
    playhead.advance(System.nanoTime());
    return new ViewerStats(
        firstSegmentUs,
        playlists,
        segments,
        mediaBytes,
        gaps,
        missed,
        errors,
        playhead.stalls(),
        playhead.stalledUs(),
        lastError);
  }
}
