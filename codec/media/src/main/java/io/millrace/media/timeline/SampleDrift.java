package io.millrace.media.timeline;

/**
 * How far a count of samples has drifted from the wire, seen through the wire's rounding and the
 * sender's jitter.
 *
 * <p>The difference between wire and count is averaged over blocks of two seconds or more. The
 * first block tells what the sender's stamps are like (rounded down: half a wire tick early;
 * bunched in threes: a frame early) and is the baseline; a later block that is off it by more than
 * two milliseconds and an eighth of the spread within the block is drift. A pattern that repeats,
 * whatever its size, moves no average, so it is never taken for drift.
 */
final class SampleDrift {
  private static final int BLOCK_SECONDS = 2;
  private static final int BLOCK_FRAMES = 128;
  private static final int SPREADS_IN_DEAD_BAND = 8;

  private int sampleRate;
  private boolean hasBaseline;
  private long baseline;
  private long spread;
  private long blockSamples;
  private long frames;
  private long sum;
  private long lowest;
  private long highest;

  /** Forgets the baseline: the count has a new relation to the wire. */
  void restart(int rate) {
    sampleRate = rate;
    hasBaseline = false;
    baseline = 0;
    spread = 0;
    startBlock();
  }

  /** How far from the wire a frame may be for no other reason than the sender's stamps. */
  long tolerance() {
    return Math.max(deadBand(0), spread);
  }

  /**
   * Takes wire minus count of the next frame, in samples.
   *
   * @return the drift at the end of a block that shows one, else 0
   */
  long add(long difference, int samplesPerFrame) {
    frames++;
    sum += difference;
    lowest = Math.min(lowest, difference);
    highest = Math.max(highest, difference);
    blockSamples += samplesPerFrame;
    if (frames < BLOCK_FRAMES || blockSamples < (long) BLOCK_SECONDS * sampleRate) {
      return 0;
    }
    long mean = Math.floorDiv(sum, frames);
    spread = highest - lowest;
    startBlock();
    if (!hasBaseline) {
      hasBaseline = true;
      baseline = mean;
      return 0;
    }
    long drift = mean - baseline;
    return Math.abs(drift) > deadBand(spread) ? drift : 0;
  }

  private long deadBand(long spread) {
    return sampleRate / 500 + spread / SPREADS_IN_DEAD_BAND;
  }

  private void startBlock() {
    blockSamples = 0;
    frames = 0;
    sum = 0;
    lowest = Long.MAX_VALUE;
    highest = Long.MIN_VALUE;
  }
}
