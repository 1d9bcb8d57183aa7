package io.millrace.transport.srt.flow;

/**
 * How far the peer's clock has run away from the own one (draft-sharabayko-srt-01 §4.7). A sample
 * is how much later than expected an ACKACK came; the mean of a round of samples is the drift.
 *
 * <p>libsrt closes a round at 1,000 samples, ten seconds of ACKs. A stream that sends a packet a
 * second would drift for a quarter of an hour by that rule, so a round also ends after those ten
 * seconds if it has a few samples.
 */
final class DriftTracer {
  private static final int ROUND_SAMPLES = 1_000;
  private static final long ROUND_US = 10_000_000;
  private static final int LEAST_SAMPLES = 8;

  private long driftUs;
  private long sumUs;
  private int samples;
  private long roundStartUs;

  /**
   * @param sampleUs against the uncorrected clock, the round trip's change taken out
   */
  void sample(long sampleUs, long nowUs) {
    if (samples == 0) {
      roundStartUs = nowUs;
    }
    sumUs += sampleUs;
    samples++;
    if (samples >= ROUND_SAMPLES
        || (samples >= LEAST_SAMPLES && nowUs - roundStartUs >= ROUND_US)) {
      driftUs = sumUs / samples;
      restart();
    }
  }

  /** Forgets the round that is open. */
  void restart() {
    sumUs = 0;
    samples = 0;
  }

  /** To be added to the uncorrected clock. */
  long driftUs() {
    return driftUs;
  }

  /** Starts from nothing, as the clock itself was set. */
  void reset() {
    restart();
    driftUs = 0;
  }
}
