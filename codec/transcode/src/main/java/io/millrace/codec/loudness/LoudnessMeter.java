package io.millrace.codec.loudness;

import java.util.Arrays;

/**
 * Gated loudness (ITU-R BS.1770-4 Annex 1) of the newest {@value #WINDOW_SECONDS} s of mono or
 * stereo sound: blocks of 400 ms every 100 ms, without those below −70 LUFS and without those more
 * than 10 LU below the mean of the others. One thread.
 */
final class LoudnessMeter {
  private static final int WINDOW_SECONDS = 30;
  private static final int STEPS_PER_SECOND = 10;
  private static final int STEPS_PER_BLOCK = 4;
  private static final double ABSOLUTE_GATE_LUFS = -70;
  private static final double RELATIVE_GATE_LU = -10;
  private static final double OFFSET_LUFS = -0.691;

  private final Biquad[] shelves;
  private final Biquad[] highPasses;
  private final int stepSamples;
  private final double[] steps = new double[STEPS_PER_BLOCK];
  private final double[] blocks = new double[WINDOW_SECONDS * STEPS_PER_SECOND];
  private double energy;
  private int filled;
  private int stepCount;
  private int blockCount;

  LoudnessMeter(int sampleRate, int channels) {
    this.shelves = new Biquad[channels];
    this.highPasses = new Biquad[channels];
    Arrays.setAll(shelves, _ -> Biquad.shelf(sampleRate));
    Arrays.setAll(highPasses, _ -> Biquad.highPass(sampleRate));
    this.stepSamples = sampleRate / STEPS_PER_SECOND;
  }

  /**
   * Takes one sample of every channel.
   *
   * @return true when a step of 100 ms has ended, and {@link #lufs} may be another
   */
  boolean add(float[][] pcm, int at) {
    for (int i = 0; i < shelves.length; i++) {
      double weighted = highPasses[i].filter(shelves[i].filter(pcm[i][at]));
      energy += weighted * weighted;
    }
    if (++filled < stepSamples) {
      return false;
    }
    steps[stepCount++ % STEPS_PER_BLOCK] = energy / stepSamples;
    energy = 0;
    filled = 0;
    if (stepCount >= STEPS_PER_BLOCK) {
      double block = Arrays.stream(steps).average().orElseThrow();
      if (lufs(block) > ABSOLUTE_GATE_LUFS) {
        blocks[blockCount++ % blocks.length] = block;
      }
    }
    return true;
  }

  /** Blocks above the absolute gate so far: tenths of a second of sound. */
  int blocks() {
    return blockCount;
  }

  /** The loudness; negative infinity before there was any. */
  double lufs() {
    int known = Math.min(blockCount, blocks.length);
    double mean = mean(known, 0);
    return lufs(mean(known, mean * Math.pow(10, RELATIVE_GATE_LU / 10)));
  }

  private double mean(int known, double least) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < known; i++) {
      if (blocks[i] > least) {
        sum += blocks[i];
        count++;
      }
    }
    return count == 0 ? 0 : sum / count;
  }

  private static double lufs(double meanSquare) {
    return OFFSET_LUFS + 10 * Math.log10(meanSquare);
  }
}
