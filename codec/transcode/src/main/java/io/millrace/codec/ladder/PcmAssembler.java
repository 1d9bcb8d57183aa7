package io.millrace.codec.ladder;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Cuts decoded audio into encoder frames on an unbroken sample count. Times that creep away from
 * the count, as those of a clock that drifts do, are followed by stretching the sound a little;
 * short gaps become silence, overlaps are cut; after a long gap the count starts again.
 */
final class PcmAssembler {
  /** Takes a full frame; the arrays are used again. */
  @FunctionalInterface
  interface Output {
    void frame(float[][] channels, long ptsTicks);
  }

  /** Rounding between two rates, and no more. */
  private static final int IGNORED_SAMPLES = 8;

  /** 0.5 %: nobody hears that. */
  private static final int STRETCH_DIVISOR = 200;

  private final int channels;
  private final int frameSamples;
  private final int jitterSamples;
  private final int longGapSamples;
  private final float[][] frame;
  private float[][] stretched;
  private int filled;
  private long nextTicks = Long.MIN_VALUE;

  PcmAssembler(int sampleRate, int channels, int frameSamples) {
    this.channels = channels;
    this.frameSamples = frameSamples;
    this.jitterSamples = sampleRate / 10;
    this.longGapSamples = 2 * sampleRate;
    this.frame = new float[channels][frameSamples];
    this.stretched = new float[channels][0];
  }

  /**
   * Adds samples.
   *
   * @param pcm one array a channel; borrowed
   * @param count valid samples in each
   * @param ptsTicks of the first, in samples
   */
  void add(float[][] pcm, int count, long ptsTicks, Output output) {
    int from = 0;
    if (nextTicks == Long.MIN_VALUE) {
      nextTicks = ptsTicks;
    }
    long gap = ptsTicks - nextTicks;
    if (gap > longGapSamples) {
      pad(output);
      nextTicks = ptsTicks;
    } else if (gap > jitterSamples) {
      append(null, 0, (int) gap, output);
    } else if (gap < -jitterSamples) {
      from = (int) Math.min(count, -gap);
    } else if (Math.abs(gap) > IGNORED_SAMPLES && count > STRETCH_DIVISOR) {
      int most = count / STRETCH_DIVISOR;
      int wanted = count + (int) Math.clamp(gap, -most, most);
      append(stretch(pcm, count, wanted), 0, wanted, output);
      return;
    }
    append(pcm, from, count - from, output);
  }

  /** The same sound in {@code wanted} samples, by linear interpolation. */
  private float[][] stretch(float[][] pcm, int count, int wanted) {
    if (stretched[0].length < wanted) {
      stretched = new float[channels][wanted];
    }
    float step = (float) (count - 1) / (wanted - 1);
    for (int i = 0; i < wanted; i++) {
      float at = i * step;
      int left = Math.min((int) at, count - 2);
      float part = at - left;
      for (int channel = 0; channel < channels; channel++) {
        float[] in = pcm[channel];
        stretched[channel][i] = in[left] + (in[left + 1] - in[left]) * part;
      }
    }
    return stretched;
  }

  /** Fills a started frame with silence and gives it out; the count starts again. */
  void finish(Output output) {
    pad(output);
    nextTicks = Long.MIN_VALUE;
  }

  private void pad(Output output) {
    if (filled > 0) {
      append(null, 0, frameSamples - filled, output);
    }
  }

  private void append(float @Nullable [][] pcm, int from, int count, Output output) {
    int done = 0;
    while (done < count) {
      int part = Math.min(count - done, frameSamples - filled);
      for (int i = 0; i < channels; i++) {
        if (pcm == null) {
          Arrays.fill(frame[i], filled, filled + part, 0f);
        } else {
          System.arraycopy(pcm[i], from + done, frame[i], filled, part);
        }
      }
      filled += part;
      done += part;
      nextTicks += part;
      if (filled == frameSamples) {
        filled = 0;
        output.frame(frame, nextTicks - frameSamples);
      }
    }
  }
}
