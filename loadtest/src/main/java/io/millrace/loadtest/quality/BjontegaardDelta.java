package io.millrace.loadtest.quality;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The average difference between two curves at equal quality: G. Bjøntegaard, "Calculation of
 * average PSNR differences between RD-curves", ITU-T SG16 Q.6 VCEG-M33 (2001), with piecewise cubic
 * interpolation of the logarithm over quality as in JCTVC-L1100 and in place of one polynomial.
 * Only the range of quality that both curves have counts.
 */
final class BjontegaardDelta {
  /**
   * A point of a curve.
   *
   * @param quality by any metric of which more is better
   * @param amount above 0: bits, or CPU
   */
  record Sample(double quality, double amount) {}

  private BjontegaardDelta() {}

  /**
   * By how much {@code other} takes more than {@code anchor} for the same quality; of bit rates,
   * the BD-rate.
   *
   * @return −0.5 for half as much; empty where the curves have no range of qualities in common
   */
  static OptionalDouble of(List<Sample> anchor, List<Sample> other) {
    List<Sample> one = growing(anchor);
    List<Sample> two = growing(other);
    if (one.size() < 2 || two.size() < 2) {
      return OptionalDouble.empty();
    }
    double from = Math.max(one.getFirst().quality(), two.getFirst().quality());
    double to = Math.min(one.getLast().quality(), two.getLast().quality());
    if (to <= from) {
      return OptionalDouble.empty();
    }
    double area = curve(two).integral(from, to) - curve(one).integral(from, to);
    return OptionalDouble.of(Math.expm1(area / (to - from)));
  }

  /** By quality; of those of one quality, the one that takes least. */
  private static List<Sample> growing(List<Sample> samples) {
    List<Sample> sorted = new ArrayList<>(samples);
    sorted.sort(Comparator.comparingDouble(Sample::quality).thenComparingDouble(Sample::amount));
    List<Sample> distinct = new ArrayList<>();
    for (Sample sample : sorted) {
      if (distinct.isEmpty() || sample.quality() > distinct.getLast().quality()) {
        distinct.add(sample);
      }
    }
    return distinct;
  }

  /** The logarithm over quality. */
  private static MonotoneCubic curve(List<Sample> samples) {
    return new MonotoneCubic(
        samples.stream().mapToDouble(Sample::quality).toArray(),
        samples.stream().mapToDouble(sample -> Math.log(sample.amount())).toArray());
  }
}
