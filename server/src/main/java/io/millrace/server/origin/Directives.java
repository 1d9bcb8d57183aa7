package io.millrace.server.origin;

import io.millrace.packager.Edge;
import io.millrace.packager.LivePlaylist;
import io.millrace.transport.http.QueryParameters;
import org.jspecify.annotations.Nullable;

/**
 * What a playlist request wants (RFC 8216bis §6.2.5). Every other parameter, tokens and CMCD among
 * them, means nothing here and so never makes another document; nor does a value of {@code
 * _HLS_skip} that is not known, since the whole playlist is always a right answer.
 *
 * @param sequence wait until the playlist contains this media sequence number; {@link #NONE}: now
 * @param part … or this part of it; {@link #NONE}: the whole segment
 */
record Directives(long sequence, int part, Skip skip) {
  static final int NONE = -1;

  /** Which version of the playlist (§6.2.5.1). */
  enum Skip {
    NOTHING,
    SEGMENTS,
    SEGMENTS_AND_DATE_RANGES
  }

  /** §6.2.5.2: segments behind the last one listed. */
  private static final int MAX_SEGMENTS_AHEAD = 2;

  private static final long SECOND_US = 1_000_000;

  /** A directive that makes no sense; the message says which, and what would. */
  static final class MalformedDirectiveException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedDirectiveException(String rule) {
      super(rule, null, false, false);
    }
  }

  static Directives parse(QueryParameters query) throws MalformedDirectiveException {
    String sequence = query.first("_HLS_msn");
    String part = query.first("_HLS_part");
    if (part != null && sequence == null) {
      throw new MalformedDirectiveException("_HLS_part needs _HLS_msn");
    }
    long wanted = number("_HLS_msn", sequence, Long.MAX_VALUE);
    int wantedPart = (int) number("_HLS_part", part, Integer.MAX_VALUE);
    Skip skip =
        switch (query.first("_HLS_skip")) {
          case "YES" -> Skip.SEGMENTS;
          case "v2" -> Skip.SEGMENTS_AND_DATE_RANGES;
          case null, default -> Skip.NOTHING;
        };
    return new Directives(wanted, wantedPart, skip);
  }

  /** A decimal-integer (§4.2), or {@link #NONE} where there is no parameter. */
  private static long number(String name, @Nullable String text, long max)
      throws MalformedDirectiveException {
    if (text == null) {
      return NONE;
    }
    boolean digits = !text.isEmpty();
    for (int i = 0; i < text.length(); i++) {
      digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    try {
      long value = digits ? Long.parseLong(text) : NONE;
      if (value >= 0 && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // More digits than a number of 64 bits has.
    }
    throw new MalformedDirectiveException(name + " is not a number from 0 to " + max);
  }

  /** True when the answer may have to wait. */
  boolean blocks() {
    return sequence != NONE;
  }

  /** True when a playlist that reaches this far has what is asked for. */
  boolean reachedBy(LivePlaylist playlist) {
    return part == NONE ? playlist.edge().contains(sequence) : playlist.contains(sequence, part);
  }

  /**
   * True when the part is likely to be the last of its segment, and is not asked for as the next
   * one, but from far before it or again: by somebody who has no use for single parts, but for the
   * segment that ends there (hls.js without its low-latency mode). Told of the part as long as
   * nobody knows yet that the segment is over, such a player finds nothing new and comes back half
   * a segment later.
   */
  boolean wantsWholeSegment(LivePlaylist now) {
    Edge edge = now.edge();
    int nextPart = sequence == edge.openSequence() ? edge.openParts() : 0;
    return part != NONE && part == now.lastParts() - 1 && part != nextPart;
  }

  /** True when the part is the newest, and whether its segment goes on is not known. */
  boolean onlyJustReachedBy(LivePlaylist playlist) {
    Edge edge = playlist.edge();
    return edge.openSequence() == sequence && edge.openParts() == part + 1;
  }

  /** True when it has that, and nothing newer: everybody who asks gets the same. */
  boolean exactlyReachedBy(LivePlaylist playlist) {
    Edge edge = playlist.edge();
    if (part == NONE) {
      return edge.openSequence() == sequence + 1 && edge.openParts() == 0;
    }
    boolean first = edge.openSequence() == sequence + 1 && part >= playlist.lastParts();
    return edge.openParts() == (first ? 1 : part + 1) && (first || edge.openSequence() == sequence);
  }

  /**
   * Looks whether the request is for something too far ahead to wait for (§6.2.5.2).
   *
   * @param partTargetUs 0 where there are no parts
   * @throws MalformedDirectiveException if so
   */
  void checkAgainst(Edge edge, long partTargetUs) throws MalformedDirectiveException {
    long newest = edge.openSequence() - 1;
    if (sequence - newest > MAX_SEGMENTS_AHEAD) {
      throw new MalformedDirectiveException(
          "_HLS_msn is more than "
              + MAX_SEGMENTS_AHEAD
              + " beyond the newest segment, which is "
              + newest);
    }
    long newestPart = sequence == edge.openSequence() ? edge.openParts() - 1L : NONE;
    if (part - newestPart > advancePartLimit(partTargetUs)) {
      throw new MalformedDirectiveException(
          "_HLS_part is further beyond the newest part than the Advance Part Limit");
    }
  }

  /** Three seconds' worth of parts, or three parts. */
  private static long advancePartLimit(long partTargetUs) {
    return partTargetUs > 0 && partTargetUs < SECOND_US
        ? (3 * SECOND_US + partTargetUs - 1) / partTargetUs
        : 3;
  }
}
