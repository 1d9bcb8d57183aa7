package io.millrace.transport.srt.flow;

import io.millrace.transport.srt.wire.SequenceNumber;

/**
 * Positions from sequence numbers and back. Position 0 is the initial number.
 *
 * @param first the initial sequence number
 */
record SequenceWindow(int first) {
  int sequence(long position) {
    return (int) (first + position) & SequenceNumber.MAX;
  }

  /**
   * The position next to {@code near} with this number; negative for one before the first.
   *
   * @param sequence 0 to 2^31 − 1
   */
  long position(int sequence, long near) {
    return near + SequenceNumber.distance(sequence(near), sequence);
  }
}
