package io.millrace.loadtest.viewers;

import java.util.List;

/**
 * A straight line through measurements, by least squares.
 *
 * @param perUnit how much y grows with x
 * @param error half of the 95 % confidence interval of {@code perUnit}
 * @param mean of y
 */
record Slope(double perUnit, double error, double mean) {
  /** Student's t, two-sided 95 %, for 1, 2, 3 … degrees of freedom; 1.96 beyond. */
  private static final double[] T = {
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12,
    2.11, 2.10, 2.09, 2.09
  };

  record Point(double x, double y) {}

  /**
   * @throws IllegalArgumentException with fewer than three points
   */
  static Slope of(List<Point> points) {
    int n = points.size();
    if (n < 3) {
      throw new IllegalArgumentException(n + " points make no line with an error");
    }
    double meanX = points.stream().mapToDouble(Point::x).average().orElseThrow();
    double meanY = points.stream().mapToDouble(Point::y).average().orElseThrow();
    double xx = points.stream().mapToDouble(p -> square(p.x() - meanX)).sum();
    double xy = points.stream().mapToDouble(p -> (p.x() - meanX) * (p.y() - meanY)).sum();
    double slope = xy / xx;
    double rest =
        points.stream().mapToDouble(p -> square(p.y() - meanY - slope * (p.x() - meanX))).sum();
    double t = n - 2 <= T.length ? T[n - 3] : 1.96;
    return new Slope(slope, t * Math.sqrt(rest / (n - 2) / xx), meanY);
  }

  private static double square(double value) {
    return value * value;
  }
}
