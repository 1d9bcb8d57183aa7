package io.millrace.loadtest.viewers;

import java.util.Comparator;

/**
 * A part by media sequence number and index, in a stream whose segments all have the same number of
 * parts.
 */
record PartPosition(long sequence, int part) implements Comparable<PartPosition> {
  private static final Comparator<PartPosition> ORDER =
      Comparator.comparingLong(PartPosition::sequence).thenComparingInt(PartPosition::part);

  PartPosition next(int partsPerSegment) {
    return part + 1 < partsPerSegment
        ? new PartPosition(sequence, part + 1)
        : new PartPosition(sequence + 1, 0);
  }

  /** The delivery directives that ask for it (RFC 8216bis §6.2.5.2). */
  String directives() {
    return "?_HLS_msn=" + sequence + "&_HLS_part=" + part;
  }

  @Override
  public int compareTo(PartPosition other) {
    return ORDER.compare(this, other);
  }
}
