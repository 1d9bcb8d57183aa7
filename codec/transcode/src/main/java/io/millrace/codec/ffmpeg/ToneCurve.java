package io.millrace.codec.ffmpeg;

import io.millrace.media.Colour;

/** The exact tone map of one kind of source, in double precision: see {@link ToneMap}. */
final class ToneCurve {
  /** Of a display of ITU-R BT.2100's HLG, and of most masters in PQ. */
  static final int USUAL_PEAK_NITS = 1000;

  /** HDR reference white (ITU-R BT.2408 §2.1), which is where standard range ends. */
  static final double WHITE_NITS = 203;

  private static final int BT709 = 1;
  private static final int UNSPECIFIED = 2;
  private static final int BT2020 = 9;
  private static final int P3_D65 = 12;
  private static final double PQ_NITS = 10_000;
  private static final double DISPLAY_GAMMA = 2.4;
  private static final double HLG_GAMMA = 1.2;

  // SMPTE ST 2084 §5.
  private static final double M1 = 2610.0 / 16_384;
  private static final double M2 = 2523.0 / 4096 * 128;
  private static final double C1 = 3424.0 / 4096;
  private static final double C2 = 2413.0 / 4096 * 32;
  private static final double C3 = 2392.0 / 4096 * 32;

  // ARIB STD-B67.
  private static final double HLG_A = 0.17883277;
  private static final double HLG_B = 1 - 4 * HLG_A;
  private static final double HLG_C = 0.5 - HLG_A * Math.log(4 * HLG_A);

  /** Luminance of R, G and B in BT.709 (ITU-R BT.709 §3.2). */
  private static final double[] LUMA_709 = {0.2126, 0.7152, 0.0722};

  private static final double[] LUMA_2020 = {0.2627, 0.6780, 0.0593};

  /** ITU-R BT.2087 §2, its inverse: linear BT.2020 to BT.709. */
  private static final double[][] FROM_2020 = {
    {1.660491, -0.587641, -0.072850},
    {-0.124550, 1.132900, -0.008349},
    {-0.018151, -0.100579, 1.118730}
  };

  /** Display P3 (SMPTE RP 431-2 primaries, D65) to BT.709, linear. */
  private static final double[][] FROM_P3 = {
    {1.224940, -0.224940, 0},
    {-0.042057, 1.042057, 0},
    {-0.019638, -0.078636, 1.098274}
  };

  private static final double[][] IDENTITY = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

  private final boolean hlg;
  private final double[][] toBt709;
  private final double peakNits;
  private final double peakPq;
  private final double whiteOfPeak;
  private final double knee;
  private final double[] light = new double[3];

  ToneCurve(int primaries, int transfer, int peakNits) {
    this.hlg = transfer == Colour.TRANSFER_HLG;
    this.toBt709 =
        switch (primaries) {
          case BT709 -> IDENTITY;
          case P3_D65 -> FROM_P3;
          default -> FROM_2020;
        };
    this.peakNits = peakNits;
    this.peakPq = toPq(peakNits);
    this.whiteOfPeak = Math.min(1, toPq(WHITE_NITS) / peakPq);
    this.knee = 1.5 * whiteOfPeak - 0.5;
  }

  /** Y'CbCr by non-constant luminance of BT.2020 or BT.709; unspecified counts as BT.2020. */
  static boolean knowsMatrix(int matrix) {
    return matrix == BT2020 || matrix == BT709 || matrix == UNSPECIFIED;
  }

  /** What R', G' and B' weigh in Y' of a matrix. */
  static double[] lumaWeights(int matrix) {
    return matrix == BT709 ? LUMA_709.clone() : LUMA_2020.clone();
  }

  /**
   * Maps one colour. Not for two threads at once.
   *
   * @param red R' of the source, from 0 to 1, as green and blue are
   * @param out limited-range 8-bit codes of Y', Cb and Cr, unrounded
   */
  void map(double red, double green, double blue, double[] out) {
    light[0] = red;
    light[1] = green;
    light[2] = blue;
    toDisplayLight();
    compress();
    toGamut();
    double r = encode(light[0]);
    double g = encode(light[1]);
    double b = encode(light[2]);
    double outLuma = LUMA_709[0] * r + LUMA_709[1] * g + LUMA_709[2] * b;
    out[0] = 16 + 219 * outLuma;
    out[1] = 128 + 224 * (b - outLuma) / (2 * (1 - LUMA_709[2]));
    out[2] = 128 + 224 * (r - outLuma) / (2 * (1 - LUMA_709[0]));
  }

  /** Signal to cd/m². */
  private void toDisplayLight() {
    if (!hlg) {
      for (int i = 0; i < 3; i++) {
        light[i] = Math.min(peakNits, fromPq(Math.clamp(light[i], 0, 1)));
      }
      return;
    }
    for (int i = 0; i < 3; i++) {
      light[i] = fromHlg(Math.clamp(light[i], 0, 1));
    }
    double luminance = LUMA_2020[0] * light[0] + LUMA_2020[1] * light[1] + LUMA_2020[2] * light[2];
    double gain = USUAL_PEAK_NITS * Math.pow(Math.max(luminance, 1e-9), HLG_GAMMA - 1);
    for (int i = 0; i < 3; i++) {
      light[i] *= gain;
    }
  }

  /** cd/m² of the source to a share of reference white, at most 1. */
  private void compress() {
    double most = Math.max(light[0], Math.max(light[1], light[2]));
    double gain = most <= 0 ? 0 : curve(most) / most / WHITE_NITS;
    for (int i = 0; i < 3; i++) {
      light[i] *= gain;
    }
  }

  /** ITU-R BT.2390 §5.4.1: straight up to the knee, then a Hermite spline in PQ; cd/m². */
  double curve(double nits) {
    double e = Math.min(1, toPq(nits) / peakPq);
    if (e < knee) {
      return nits;
    }
    double t = (e - knee) / (1 - knee);
    double t2 = t * t;
    double t3 = t2 * t;
    double mapped =
        (2 * t3 - 3 * t2 + 1) * knee
            + (t3 - 2 * t2 + t) * (1 - knee)
            + (-2 * t3 + 3 * t2) * whiteOfPeak;
    return fromPq(mapped * peakPq);
  }

  private void toGamut() {
    double r = row(0);
    double g = row(1);
    double b = row(2);
    double grey = Math.clamp(LUMA_709[0] * r + LUMA_709[1] * g + LUMA_709[2] * b, 0, 1);
    double share = Math.min(inside(grey, r), Math.min(inside(grey, g), inside(grey, b)));
    light[0] = grey + share * (r - grey);
    light[1] = grey + share * (g - grey);
    light[2] = grey + share * (b - grey);
  }

  private double row(int i) {
    return toBt709[i][0] * light[0] + toBt709[i][1] * light[1] + toBt709[i][2] * light[2];
  }

  /** How far from grey one may go towards {@code value} within 0 to 1. */
  private static double inside(double grey, double value) {
    if (value > 1) {
      return (1 - grey) / (value - grey);
    }
    return value < 0 ? grey / (grey - value) : 1;
  }

  private static double encode(double light) {
    return Math.pow(Math.clamp(light, 0, 1), 1 / DISPLAY_GAMMA);
  }

  static double toPq(double nits) {
    double power = Math.pow(nits / PQ_NITS, M1);
    return Math.pow((C1 + C2 * power) / (1 + C3 * power), M2);
  }

  static double fromPq(double signal) {
    double power = Math.pow(signal, 1 / M2);
    return PQ_NITS * Math.pow(Math.max(power - C1, 0) / (C2 - C3 * power), 1 / M1);
  }

  private static double fromHlg(double signal) {
    return signal <= 0.5 ? signal * signal / 3 : (Math.exp((signal - HLG_C) / HLG_A) + HLG_B) / 12;
  }
}
