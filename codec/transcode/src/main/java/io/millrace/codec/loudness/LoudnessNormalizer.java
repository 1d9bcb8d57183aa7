package io.millrace.codec.loudness;

/**
 * Brings sound to a loudness while it is live (EBU R 128): the gated loudness of the last half
 * minute decides on a gain that moves slowly, so that a programme keeps its dynamics, and a limiter
 * holds true peaks at −1 dBTP. Sound that has only begun is followed quickly. One thread.
 *
 * <p>What comes out is {@link #delaySamples} late, with silence before it.
 */
public final class LoudnessNormalizer {
  private static final double CEILING = Math.pow(10, -1 / 20.0);
  private static final double MOST_GAIN_DB = 20;
  private static final double LEAST_GAIN_DB = -40;

  /** Sound of which so much was heard is no longer a beginning: 5 s. */
  private static final int KNOWN_BLOCKS = 50;

  // Steps of 100 ms: 10 dB a second at the beginning, then 1 up and 3 down.
  private static final double BEGINNING_STEP_DB = 1;
  private static final double UP_STEP_DB = 0.1;
  private static final double DOWN_STEP_DB = 0.3;

  private final double targetLufs;
  private final LoudnessMeter meter;
  private final PeakLimiter limiter;
  private final int stepSamples;
  private final int channels;
  private double gainDb;
  private float gain = 1;
  private float gainStep;

  /**
   * @param channels 1 or 2
   */
  public LoudnessNormalizer(int sampleRate, int channels, double targetLufs) {
    this.targetLufs = targetLufs;
    this.channels = channels;
    this.meter = new LoudnessMeter(sampleRate, channels);
    this.limiter = new PeakLimiter(sampleRate, channels, CEILING);
    this.stepSamples = sampleRate / 10;
  }

  /** From a sample's way in to its way out, about 5 ms. */
  public int delaySamples() {
    return limiter.delaySamples();
  }

  /**
   * Replaces samples by those {@link #delaySamples} before them, at the target loudness.
   *
   * @param pcm one array a channel, in −1…1
   * @param count valid samples in each
   */
  public void process(float[][] pcm, int count) {
    for (int i = 0; i < count; i++) {
      if (meter.add(pcm, i)) {
        decide();
      }
      gain += gainStep;
      for (int channel = 0; channel < channels; channel++) {
        pcm[channel][i] *= gain;
      }
      limiter.limit(pcm, i);
    }
  }

  /** The gain at the end of the next 100 ms; it goes there in a straight line. */
  private void decide() {
    double lufs = meter.lufs();
    if (Double.isFinite(lufs)) {
      double wanted = Math.clamp(targetLufs - lufs, LEAST_GAIN_DB, MOST_GAIN_DB);
      boolean beginning = meter.blocks() < KNOWN_BLOCKS;
      double up = beginning ? BEGINNING_STEP_DB : UP_STEP_DB;
      double down = beginning ? BEGINNING_STEP_DB : DOWN_STEP_DB;
      gainDb += Math.clamp(wanted - gainDb, -down, up);
    }
    gainStep = (float) ((Math.pow(10, gainDb / 20) - gain) / stepSamples);
  }
}
