package io.millrace.transport.srt.flow;

/**
 * What a {@link SimulatedLink} does to packets.
 *
 * @param loss fraction lost, 0 to 1
 * @param meanBurst packets lost in a row on average; 1 for independent losses
 * @param delayUs one way
 * @param jitterUs added to the delay, evenly spread from 0
 * @param reorders whether jitter lets packets overtake one another
 * @param duplication fraction that arrives twice
 * @param bytesPerSecond what passes; 0 without a limit
 * @param queueUs longest queue before the limit; what finds it full is lost
 */
record LinkConditions(
    double loss,
    double meanBurst,
    long delayUs,
    long jitterUs,
    boolean reorders,
    double duplication,
    long bytesPerSecond,
    long queueUs) {

  static LinkConditions clean(long delayUs) {
    return new LinkConditions(0, 1, delayUs, 0, false, 0, 0, 0);
  }

  LinkConditions withLoss(double loss) {
    return withBurstLoss(loss, 1);
  }

  LinkConditions withBurstLoss(double loss, double meanBurst) {
    return new LinkConditions(
        loss, meanBurst, delayUs, jitterUs, reorders, duplication, bytesPerSecond, queueUs);
  }

  LinkConditions withJitter(long jitterUs, boolean reorders) {
    return new LinkConditions(
        loss, meanBurst, delayUs, jitterUs, reorders, duplication, bytesPerSecond, queueUs);
  }

  LinkConditions withDuplication(double duplication) {
    return new LinkConditions(
        loss, meanBurst, delayUs, jitterUs, reorders, duplication, bytesPerSecond, queueUs);
  }

  LinkConditions withRate(long bytesPerSecond, long queueUs) {
    return new LinkConditions(
        loss, meanBurst, delayUs, jitterUs, reorders, duplication, bytesPerSecond, queueUs);
  }
}
