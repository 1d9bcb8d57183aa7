package io.millrace.codec.slate;

import io.millrace.codec.ColourDefaults;
import io.millrace.codec.ffmpeg.StillSettings;
import io.millrace.media.Colour;

/**
 * sRGB to the samples of a track: its primaries, transfer, matrix, range and depth. Standard
 * dynamic range keeps its code values, as everybody does with computer pictures; into PQ and HLG
 * white goes to 203 cd/m² (ITU-R BT.2408 §2.2).
 */
final class Samples {
  private static final int BT2020 = 9;
  private static final int BT709 = 1;
  private static final double WHITE_NITS = 203;

  private final StillSettings settings;
  private final double kr;
  private final double kb;
  private final boolean wide;
  private int lastPixel = -1;
  private final double[] lastSignal = new double[3];

  private Samples(StillSettings settings) {
    this.settings = settings;
    Colour colour = settings.colour();
    int matrix = ColourDefaults.matrix(colour, settings.height());
    // ITU-T H.273 table 4.
    this.kr =
        switch (matrix) {
          case BT709 -> 0.2126;
          case 4 -> 0.30;
          case 7 -> 0.212;
          case BT2020 -> 0.2627;
          default -> 0.299;
        };
    this.kb =
        switch (matrix) {
          case BT709 -> 0.0722;
          case 4 -> 0.11;
          case 7 -> 0.087;
          case BT2020 -> 0.0593;
          default -> 0.114;
        };
    this.wide = colour.primaries() == BT2020;
  }

  /**
   * The planes Y, Cb and Cr without gaps, chroma at half the size.
   *
   * @param canvas as the track is coded, of the settings' size
   */
  static short[][] of(Canvas canvas, StillSettings settings) {
    return new Samples(settings).convert(canvas);
  }

  private short[][] convert(Canvas canvas) {
    int width = canvas.width();
    int chromaWidth = width / 2;
    short[] y = new short[width * canvas.height()];
    short[] cb = new short[chromaWidth * (canvas.height() / 2)];
    short[] cr = new short[cb.length];
    for (int row = 0; row < canvas.height(); row += 2) {
      for (int column = 0; column < width; column += 2) {
        double blue = 0;
        double red = 0;
        for (int i = 0; i < 4; i++) {
          int at = (row + i / 2) * width + column + i % 2;
          double[] signal = signal(canvas.rgb()[at]);
          double luma = kr * signal[0] + (1 - kr - kb) * signal[1] + kb * signal[2];
          y[at] = luma(luma);
          blue += (signal[2] - luma) / (8 * (1 - kb));
          red += (signal[0] - luma) / (8 * (1 - kr));
        }
        int at = row / 2 * chromaWidth + column / 2;
        cb[at] = chroma(blue);
        cr[at] = chroma(red);
      }
    }
    return new short[][] {y, cb, cr};
  }

  /** ITU-T H.273 §8.3, equations 24 to 32. */
  private short luma(double value) {
    int shift = settings.bitDepth() - 8;
    double code =
        settings.colour().fullRange()
            ? value * ((1 << settings.bitDepth()) - 1)
            : (219 * value + 16) * (1 << shift);
    return clip(code);
  }

  private short chroma(double value) {
    int half = 1 << (settings.bitDepth() - 1);
    double code =
        settings.colour().fullRange()
            ? value * ((1 << settings.bitDepth()) - 1) + half
            : 224 * value * (1 << (settings.bitDepth() - 8)) + half;
    return clip(code);
  }

  private short clip(double code) {
    return (short) Math.clamp(Math.round(code), 0, (1 << settings.bitDepth()) - 1);
  }

  /** Non-linear R, G and B of a pixel, in the track's primaries and transfer; reused. */
  private double[] signal(int pixel) {
    if (pixel != lastPixel) {
      lastPixel = pixel;
      for (int i = 0; i < 3; i++) {
        lastSignal[i] = (pixel >> (16 - 8 * i) & 0xFF) / 255.0;
      }
      int transfer = settings.colour().transfer();
      boolean high = transfer == Colour.TRANSFER_PQ || transfer == Colour.TRANSFER_HLG;
      if (high || wide) {
        throughLight(transfer);
      }
    }
    return lastSignal;
  }

  private void throughLight(int transfer) {
    for (int i = 0; i < 3; i++) {
      lastSignal[i] = toLinear(lastSignal[i]);
    }
    if (wide) {
      toBt2020(lastSignal);
    }
    double luminance = 0.2627 * lastSignal[0] + 0.678 * lastSignal[1] + 0.0593 * lastSignal[2];
    for (int i = 0; i < 3; i++) {
      lastSignal[i] =
          switch (transfer) {
            case Colour.TRANSFER_PQ -> pq(WHITE_NITS * lastSignal[i]);
            case Colour.TRANSFER_HLG -> hlg(lastSignal[i], luminance);
            default -> fromLinear(lastSignal[i]);
          };
    }
  }

  /** IEC 61966-2-1. */
  private static double toLinear(double value) {
    return value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
  }

  private static double fromLinear(double value) {
    return value <= 0.0031308 ? 12.92 * value : 1.055 * Math.pow(value, 1 / 2.4) - 0.055;
  }

  /** ITU-R BT.2087 §2: BT.709 primaries to BT.2020's. */
  private static void toBt2020(double[] rgb) {
    double r = rgb[0];
    double g = rgb[1];
    double b = rgb[2];
    rgb[0] = 0.6274 * r + 0.3293 * g + 0.0433 * b;
    rgb[1] = 0.0691 * r + 0.9195 * g + 0.0114 * b;
    rgb[2] = 0.0164 * r + 0.0880 * g + 0.8956 * b;
  }

  /** SMPTE ST 2084 §5.3, the inverse of the EOTF. */
  private static double pq(double nits) {
    double power = Math.pow(nits / 10_000, 2610.0 / 16_384);
    double m2 = 2523.0 / 4096 * 128;
    double c1 = 3424.0 / 4096;
    double c2 = 2413.0 / 4096 * 32;
    double c3 = 2392.0 / 4096 * 32;
    return Math.pow((c1 + c2 * power) / (1 + c3 * power), m2);
  }

  /** ITU-R BT.2100 table 5, for a display of 1000 cd/m², whose system gamma is 1.2. */
  private static double hlg(double linear, double luminance) {
    if (luminance <= 0) {
      return 0;
    }
    double whiteness = WHITE_NITS / 1000;
    double scene = linear * whiteness * Math.pow(luminance * whiteness, (1 - 1.2) / 1.2);
    return scene <= 1.0 / 12
        ? Math.sqrt(3 * scene)
        : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
  }
}
