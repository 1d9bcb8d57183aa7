package io.millrace.codec.loudness;

/** A second-order section, transposed direct form II, for one channel. */
final class Biquad {
  private final double b0;
  private final double b1;
  private final double b2;
  private final double a1;
  private final double a2;
  private double s1;
  private double s2;

  private Biquad(double b0, double b1, double b2, double a1, double a2) {
    this.b0 = b0;
    this.b1 = b1;
    this.b2 = b2;
    this.a1 = a1;
    this.a2 = a2;
  }

  /**
   * The first filter of K-weighting, for the head (ITU-R BS.1770-4 Annex 1, table 1), which is
   * given at 48 kHz, as the analogue prototype that it was made from: so it fits any rate.
   */
  static Biquad shelf(int sampleRate) {
    double q = 0.7071752369554196;
    double k = Math.tan(Math.PI * 1681.974450955533 / sampleRate);
    double high = Math.pow(10, 3.999843853973347 / 20);
    double band = Math.pow(high, 0.4996667741545416);
    double a0 = 1 + k / q + k * k;
    return new Biquad(
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0);
  }

  /** The second one, a high pass (table 2). */
  static Biquad highPass(int sampleRate) {
    double q = 0.5003270373238773;
    double k = Math.tan(Math.PI * 38.13547087602444 / sampleRate);
    double a0 = 1 + k / q + k * k;
    return new Biquad(1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0);
  }

  double filter(double in) {
    double out = b0 * in + s1;
    s1 = b1 * in - a1 * out + s2;
    s2 = b2 * in - a2 * out;
    return out;
  }
}
