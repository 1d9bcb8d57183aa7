package io.millrace.media.mpegts;

/** The counters of one demultiplexer while it runs; {@link TsCounters} says what they mean. */
final class Tally {
  long packets;
  long discardedBytes;
  long syncLosses;
  long transportErrors;
  long continuityErrors;
  long duplicates;
  long sectionErrors;
  long scrambledPackets;
  long damagedUnits;
  long oversizedUnits;

  TsCounters snapshot() {
    return new TsCounters(
        packets,
        discardedBytes,
        syncLosses,
        transportErrors,
        continuityErrors,
        duplicates,
        sectionErrors,
        scrambledPackets,
        damagedUnits,
        oversizedUnits);
  }
}
