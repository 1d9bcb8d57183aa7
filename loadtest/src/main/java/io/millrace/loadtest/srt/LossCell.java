package io.millrace.loadtest.srt;

/**
 * One case of the loss test.
 *
 * @param lossPercent each way
 * @param latencyRtts latency, in round trips
 */
record LossCell(double lossPercent, int rttMs, int latencyRtts) {
  LossCell {
    if (!(lossPercent >= 0 && lossPercent < 100)) {
      throw new IllegalArgumentException("loss of " + lossPercent + " %");
    }
    if (rttMs < 0 || rttMs > 2_000 || latencyRtts < 1 || (long) rttMs * latencyRtts > 10_000) {
      throw new IllegalArgumentException(
          "round trip of " + rttMs + " ms with a latency of " + latencyRtts + " of them");
    }
  }

  long latencyMs() {
    return (long) rttMs * latencyRtts;
  }

  /** The latency that the SRT deployment guide gives for a loss, in round trips. */
  static int usualLatencyRtts(double lossPercent) {
    if (lossPercent <= 1) {
      return 3;
    }
    if (lossPercent <= 3) {
      return 4;
    }
    return lossPercent <= 7 ? 5 : 6;
  }
}
