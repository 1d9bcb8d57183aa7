package io.millrace.codec.loudness;

/**
 * The peak between samples, of one channel: four times as many samples by the interpolating filter
 * of ITU-R BS.1770-4 Annex 2. {@value #DELAY_SAMPLES} samples late.
 */
final class TruePeak {
  /** From a sample to the middle of the filter. */
  static final int DELAY_SAMPLES = 6;

  private static final int TAPS = 12;

  /** Annex 2, phases 0 and 1; 3 and 2 are the same backwards. */
  private static final float[] OUTER = {
    0.0017089843750f, 0.0109863281250f, -0.0196533203125f, 0.0332031250000f,
    -0.0594482421875f, 0.1373291015625f, 0.9721679687500f, -0.1022949218750f,
    0.0476074218750f, -0.0266113281250f, 0.0148925781250f, -0.0083007812500f
  };

  private static final float[] INNER = {
    -0.0291748046875f, 0.0292968750000f, -0.0517578125000f, 0.0891113281250f,
    -0.1665039062500f, 0.4650878906250f, 0.7797851562500f, -0.2003173828125f,
    0.1015625000000f, -0.0582275390625f, 0.0330810546875f, -0.0189208984375f
  };

  private final float[] recent = new float[2 * TAPS];
  private int at;

  /** Takes a sample; the largest magnitude around the one {@value #DELAY_SAMPLES} before it. */
  float add(float sample) {
    at = at == 0 ? TAPS - 1 : at - 1;
    recent[at] = sample;
    recent[at + TAPS] = sample; // twice, so that the newest twelve lie in a row
    float first = 0;
    float second = 0;
    float third = 0;
    float fourth = 0;
    for (int i = 0; i < TAPS; i++) {
      float value = recent[at + i];
      first += OUTER[i] * value;
      second += INNER[i] * value;
      third += INNER[TAPS - 1 - i] * value;
      fourth += OUTER[TAPS - 1 - i] * value;
    }
    float inner = Math.max(Math.abs(second), Math.abs(third));
    float outer = Math.max(Math.abs(first), Math.abs(fourth));
    return Math.max(Math.abs(recent[at + DELAY_SAMPLES]), Math.max(inner, outer));
  }
}
