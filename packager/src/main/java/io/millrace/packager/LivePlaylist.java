package io.millrace.packager;

import io.millrace.packager.hls.MediaPlaylist;
import io.millrace.packager.window.Entry;
import java.time.Instant;

/**
 * One rendition's HLS playlist at one update. Immutable; a text is rendered when it is first asked
 * for, once, for everybody. Any thread.
 */
public final class LivePlaylist {
  private final MediaPlaylist source;
  private final Edge edge;
  private final int lastParts;
  private final boolean ended;
  private final Once<Document> full;
  private final Once<Document> delta;
  private final Once<Document> deltaV2;

  private LivePlaylist(
      MediaPlaylist source,
      Edge edge,
      int lastParts,
      boolean ended,
      Once<Document> full,
      Once<Document> delta,
      Once<Document> deltaV2) {
    this.source = source;
    this.edge = edge;
    this.lastParts = lastParts;
    this.ended = ended;
    this.full = full;
    this.delta = delta;
    this.deltaV2 = deltaV2;
  }

  /**
   * @param now when what is not rendered yet was made
   */
  static LivePlaylist of(MediaPlaylist playlist, Edge edge, Documents documents, Instant now) {
    Once<Document> full = new Once<>(() -> documents.make(Documents.HLS, playlist::render, now));
    Once<Document> delta =
        playlist.canSkip()
            ? new Once<>(() -> documents.make(Documents.HLS, playlist::renderDelta, now))
            : full;
    Once<Document> deltaV2 =
        playlist.canSkip()
            ? new Once<>(
                () -> documents.make(Documents.HLS, () -> playlist.renderDeltaV2(now), now))
            : full;
    Entry last = playlist.window().last();
    int lastParts =
        playlist.lowLatency() != null && last != null ? last.interval().parts().size() : 0;
    return new LivePlaylist(playlist, edge, lastParts, playlist.ended(), full, delta, deltaV2);
  }

  /** What the texts are made from. */
  MediaPlaylist source() {
    return source;
  }

  public Edge edge() {
    return edge;
  }

  /** Parts of the last interval that is over; 0 where it has none. */
  public int lastParts() {
    return lastParts;
  }

  /**
   * True when the part is there, or the whole segment that it belongs to. A part behind the last of
   * its segment stands for the first of the next (RFC 8216bis §6.2.5.2).
   */
  public boolean contains(long sequence, int part) {
    boolean behindTheLast =
        sequence == edge.openSequence() - 1 && lastParts > 0 && part >= lastParts;
    return behindTheLast ? edge.openParts() > 0 : edge.contains(sequence, part);
  }

  /** True when nothing will be added. */
  public boolean ended() {
    return ended;
  }

  public Document full() {
    return full.get();
  }

  /**
   * The answer to {@code _HLS_skip=YES} (RFC 8216bis §6.2.5.1); {@link #full} itself where nothing
   * can be skipped.
   */
  public Document delta() {
    return delta.get();
  }

  /**
   * The answer to {@code _HLS_skip=v2}, which leaves out date ranges as well; {@link #full} itself
   * where no segment can be skipped.
   */
  public Document deltaV2() {
    return deltaV2.get();
  }
}
