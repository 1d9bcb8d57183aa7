package io.millrace.transport.srt.flow;

/**
 * The smoothed round trip time and its variance (draft-sharabayko-srt-01 §4.10): from ACK to ACKACK
 * where data is received, as told by the peer's ACKs where it is only sent.
 */
final class RoundTrip {
  private static final long INITIAL_US = 100_000;
  private static final long MAX_US = 10_000_000;

  private long smoothedUs = INITIAL_US;
  private long varianceUs = INITIAL_US / 2;
  private boolean measured;

  /**
   * @param initialUs measured in the handshake; 0 when it was not
   */
  RoundTrip(long initialUs) {
    if (initialUs > 0) {
      smoothedUs = Math.min(initialUs, MAX_US);
      varianceUs = smoothedUs / 2;
    }
  }

  /** Takes one measurement; an absurd one counts as the longest possible. */
  void sample(long sampleUs) {
    long us = Math.clamp(sampleUs, 0, MAX_US);
    if (!measured) {
      measured = true;
      smoothedUs = us;
      varianceUs = us / 2;
      return;
    }
    varianceUs = (3 * varianceUs + Math.abs(smoothedUs - us)) / 4;
    smoothedUs = (7 * smoothedUs + us) / 8;
  }

  /** Takes what the peer has smoothed already, as long as nothing was measured here. */
  void told(long peerSmoothedUs, long peerVarianceUs) {
    if (!measured && peerSmoothedUs > 0) {
      smoothedUs = Math.min(peerSmoothedUs, MAX_US);
      varianceUs = Math.clamp(peerVarianceUs, 0, MAX_US);
    }
  }

  /** Whether there was an ACKACK: the round trip of a handshake has the peer's thinking in it. */
  boolean isMeasured() {
    return measured;
  }

  long smoothedUs() {
    return smoothedUs;
  }

  long varianceUs() {
    return varianceUs;
  }

  /** When an answer is overdue: four variances beyond the mean (RFC 6298 §2). */
  long timeoutUs() {
    return smoothedUs + 4 * varianceUs;
  }
}
