package io.millrace.packager;

import java.util.function.Supplier;

/**
 * One rendition's HLS playlist at one update. Immutable; a text is rendered when it is first asked
 * for, once, for everybody. Any thread.
 */
public final class LivePlaylist {
  private final Edge edge;
  private final boolean ended;
  private final Once<Document> full;
  private final Once<Document> delta;
  private final Once<Document> deltaV2;

  LivePlaylist(
      Edge edge,
      boolean ended,
      Supplier<Document> full,
      Supplier<Document> delta,
      Supplier<Document> deltaV2) {
    this.edge = edge;
    this.ended = ended;
    this.full = new Once<>(full);
    this.delta = new Once<>(delta);
    this.deltaV2 = new Once<>(deltaV2);
  }

  public Edge edge() {
    return edge;
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

  /** The answer to {@code _HLS_skip=v2}; {@link #delta} itself where it is the same. */
  public Document deltaV2() {
    return deltaV2.get();
  }
}
