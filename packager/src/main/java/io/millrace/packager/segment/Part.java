package io.millrace.packager.segment;

/**
 * A CMAF chunk or fragment (ISO/IEC 23000-19 §7.3.2.2): {@code moof} and {@code mdat}, before them
 * {@code styp} in a segment's first. Immutable.
 *
 * @param startTicks decoding time of its first sample; of a segment's first part, where the segment
 *     starts, from which the decoding time may differ where the end of the segment before it had
 *     been foreseen wrongly
 * @param endTicks decoding time where its last sample ends
 * @param independent starts with a random access point
 * @param bytes shared, read-only
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record Part(long startTicks, long endTicks, boolean independent, byte[] bytes) {
  private static final byte[] NOTHING = {};

  /** A part that is announced by its name and will never be there (GAP, RFC 8216bis §4.4.4.9). */
  static Part missing(long startTicks, long endTicks) {
    return new Part(startTicks, endTicks, false, NOTHING);
  }

  public boolean isMissing() {
    return bytes.length == 0;
  }

  public long durationTicks() {
    return endTicks - startTicks;
  }

  /** The same bytes, said to start elsewhere. */
  Part from(long ticks) {
    return new Part(ticks, endTicks, independent, bytes);
  }

  /** The same media behind other boxes. */
  Part withBytes(byte[] replaced) {
    return new Part(startTicks, endTicks, independent, replaced);
  }

  @Override
  public String toString() {
    return "part " + startTicks + "–" + endTicks + " " + bytes.length + " bytes";
  }
}
