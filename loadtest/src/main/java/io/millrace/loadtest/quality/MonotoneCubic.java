package io.millrace.loadtest.quality;

import java.util.Arrays;

/**
 * A curve through points that rises and falls only where they do: piecewise cubic Hermite
 * interpolation with the slopes of F. N. Fritsch and J. Butland, "A method for constructing local
 * monotone piecewise cubic interpolants", SIAM J. Sci. Stat. Comput. 5 (1984), and the ends of C.
 * Moler's PCHIP.
 */
final class MonotoneCubic {
  private final double[] x;
  private final double[] y;
  private final double[] slope;

  /**
   * Through two points or more.
   *
   * @param x strictly growing
   * @param y as many
   * @throws IllegalArgumentException otherwise
   */
  MonotoneCubic(double[] x, double[] y) {
    if (x.length < 2 || x.length != y.length) {
      throw new IllegalArgumentException(x.length + " and " + y.length + " values");
    }
    for (int i = 1; i < x.length; i++) {
      if (!(x[i] > x[i - 1])) {
        throw new IllegalArgumentException("not growing: " + Arrays.toString(x));
      }
    }
    this.x = x.clone();
    this.y = y.clone();
    this.slope = slopes(this.x, this.y);
  }

  private static double[] slopes(double[] x, double[] y) {
    int last = x.length - 1;
    double[] width = new double[last];
    double[] secant = new double[last];
    for (int i = 0; i < last; i++) {
      width[i] = x[i + 1] - x[i];
      secant[i] = (y[i + 1] - y[i]) / width[i];
    }
    double[] slope = new double[last + 1];
    if (last == 1) {
      Arrays.fill(slope, secant[0]);
      return slope;
    }
    for (int i = 1; i < last; i++) {
      if (secant[i - 1] * secant[i] > 0) {
        double before = 2 * width[i] + width[i - 1];
        double behind = width[i] + 2 * width[i - 1];
        slope[i] = (before + behind) / (before / secant[i - 1] + behind / secant[i]);
      }
    }
    slope[0] = end(width[0], width[1], secant[0], secant[1]);
    slope[last] = end(width[last - 1], width[last - 2], secant[last - 1], secant[last - 2]);
    return slope;
  }

  private static double end(double width, double nextWidth, double secant, double nextSecant) {
    double slope = ((2 * width + nextWidth) * secant - width * nextSecant) / (width + nextWidth);
    if (slope * secant <= 0) {
      return 0;
    }
    boolean turns = secant * nextSecant <= 0;
    return turns && Math.abs(slope) > 3 * Math.abs(secant) ? 3 * secant : slope;
  }

  /** The value at a place between the first point and the last one. */
  double at(double place) {
    int i = piece(place);
    double s = (place - x[i]) / (x[i + 1] - x[i]);
    return hermite(i, s);
  }

  private int piece(double place) {
    int found = Arrays.binarySearch(x, place);
    return Math.clamp(found >= 0 ? found : -found - 2, 0, x.length - 2);
  }

  private double hermite(int i, double s) {
    double width = x[i + 1] - x[i];
    double r = 1 - s;
    return (1 + 2 * s) * r * r * y[i]
        + s * r * r * width * slope[i]
        + s * s * (3 - 2 * s) * y[i + 1]
        - s * s * r * width * slope[i + 1];
  }

  /** The area under it. Simpson's rule, which is exact for cubics, piece by piece. */
  double integral(double from, double to) {
    double area = 0;
    for (int i = 0; i < x.length - 1; i++) {
      double low = Math.max(from, x[i]);
      double high = Math.min(to, x[i + 1]);
      if (high > low) {
        area += (high - low) / 6 * (at(i, low) + 4 * at(i, (low + high) / 2) + at(i, high));
      }
    }
    return area;
  }

  private double at(int piece, double place) {
    return hermite(piece, (place - x[piece]) / (x[piece + 1] - x[piece]));
  }
}
