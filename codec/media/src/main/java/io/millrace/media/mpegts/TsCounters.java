package io.millrace.media.mpegts;

/**
 * What a transport stream was like.
 *
 * @param packets transport packets read, of any PID
 * @param discardedBytes bytes skipped while looking for the sync byte
 * @param syncLosses times that the sync byte was lost
 * @param transportErrors packets that were marked as damaged (transport_error_indicator) or whose
 *     header cannot be; not used
 * @param continuityErrors jumps of a continuity counter: packets lost or out of order
 * @param duplicates packets sent twice
 * @param sectionErrors sections dropped for their CRC, their length or a gap
 * @param scrambledPackets packets that are encrypted; not used
 * @param damagedUnits PES packets or access units dropped for a gap or a broken header
 * @param oversizedUnits access units dropped for their size
 */
public record TsCounters(
    long packets,
    long discardedBytes,
    long syncLosses,
    long transportErrors,
    long continuityErrors,
    long duplicates,
    long sectionErrors,
    long scrambledPackets,
    long damagedUnits,
    long oversizedUnits) {}
