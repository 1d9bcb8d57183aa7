package io.millrace.codec.loudness;

import java.util.Arrays;

/**
 * Keeps true peaks below a ceiling, seeing {@value #LOOK_AHEAD_MS} ms ahead.
 *
 * <p>The gain that a peak needs is held for the length of the look-ahead, let go slowly, and then
 * averaged over the same length: each mean that a peak is multiplied with is one of gains that are
 * all low enough for it, so nothing overshoots, and the gain has no steps. One thread.
 */
final class PeakLimiter {
  private static final int LOOK_AHEAD_MS = 5;
  private static final double RELEASE_SECONDS = 0.2;

  private final float ceiling;
  private final int window;
  private final float release;
  private final TruePeak[] peaks;
  private final float[][] delayed;

  /** Gains in the window of the minimum, rising, with the number of the sample of each. */
  private final float[] heldGain;

  private final long[] heldAt;
  private final float[] averaged;
  private int heldFirst;
  private int heldCount;
  private long number;
  private float envelope = 1;
  private double sum;

  /**
   * @param ceiling of true peaks, linear
   */
  PeakLimiter(int sampleRate, int channels, double ceiling) {
    this.ceiling = (float) ceiling;
    this.window = sampleRate * LOOK_AHEAD_MS / 1000;
    this.release = (float) (1 - Math.exp(-1 / (RELEASE_SECONDS * sampleRate)));
    this.peaks = new TruePeak[channels];
    Arrays.setAll(peaks, _ -> new TruePeak());
    this.delayed = new float[channels][delaySamples()];
    this.heldGain = new float[window];
    this.heldAt = new long[window];
    this.averaged = new float[window];
    Arrays.fill(averaged, 1);
    this.sum = window;
  }

  /** From a sample's way in to its way out. */
  int delaySamples() {
    return window - 1 + TruePeak.DELAY_SAMPLES;
  }

  /** Replaces one sample of every channel by the one {@link #delaySamples} before it, limited. */
  void limit(float[][] pcm, int at) {
    float peak = 0;
    for (int i = 0; i < peaks.length; i++) {
      peak = Math.max(peak, peaks[i].add(pcm[i][at]));
    }
    float held = hold(peak > ceiling ? ceiling / peak : 1);
    envelope = Math.min(held, envelope + (1 - envelope) * release);
    int slot = (int) (number % window);
    sum += envelope - averaged[slot];
    averaged[slot] = envelope;
    float gain = (float) (sum / window);
    int line = (int) (number % delaySamples());
    for (int i = 0; i < peaks.length; i++) {
      float out = delayed[i][line] * gain;
      delayed[i][line] = pcm[i][at];
      pcm[i][at] = out;
    }
    number++;
  }

  /** The least gain of the window that ends here: a queue whose gains rise towards its end. */
  private float hold(float gain) {
    if (heldCount > 0 && heldAt[heldFirst] <= number - window) {
      heldFirst = (heldFirst + 1) % window;
      heldCount--;
    }
    while (heldCount > 0 && heldGain[(heldFirst + heldCount - 1) % window] >= gain) {
      heldCount--;
    }
    int slot = (heldFirst + heldCount) % window;
    heldGain[slot] = gain;
    heldAt[slot] = number;
    heldCount++;
    return heldGain[heldFirst];
  }
}
