package io.millrace.loadtest.srt;

/**
 * What one direction of a relay has seen. Lost packets are among the seen ones.
 *
 * @param first data packets sent for the first time
 * @param again data packets marked as sent again
 * @param control every other packet
 * @param lost by intention
 * @param overflowed lost because the delay line was full, or the socket
 * @param bytes of UDP payload seen
 */
record RelayAccount(long first, long again, long control, long lost, long overflowed, long bytes) {

  RelayAccount minus(RelayAccount earlier) {
    return new RelayAccount(
        first - earlier.first,
        again - earlier.again,
        control - earlier.control,
        lost - earlier.lost,
        overflowed - earlier.overflowed,
        bytes - earlier.bytes);
  }

  /** Packets sent again for each one sent for the first time. */
  double againShare() {
    return first == 0 ? 0 : (double) again / first;
  }
}
