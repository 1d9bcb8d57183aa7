package io.millrace.loadtest.srt;

/**
 * What a {@link DelayLine} does to packets.
 *
 * @param lossShare probability that a packet is lost, each for itself, 0 to below 1
 * @param delayUs from taking a packet to passing it on; the order stays
 * @param seed of the losses: the n-th packet's fate depends on nothing else
 */
record Impairment(double lossShare, long delayUs, long seed) {
  Impairment {
    if (!(lossShare >= 0 && lossShare < 1) || delayUs < 0) {
      throw new IllegalArgumentException("loss of " + lossShare + ", delay of " + delayUs + " µs");
    }
  }
}
