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
   * @return −0.5 for half as much; empty where no quality is in both curves
   */
  static OptionalDouble of(List<Sample> anchor, List<Sample> other) {
    MonotoneCubic first = curve(anchor);
    MonotoneCubic second = curve(other);
    double from = Math.max(first.from(), second.from());
    double to = Math.min(first.to(), second.to());
    if (to <= from) {
      return OptionalDouble.empty();
    }
    double mean = (second.integral(from, to) - first.integral(from, to)) / (to - from);
    return OptionalDouble.of(Math.exp(mean) - 1);
  }

  /** The logarithm over quality. Of points of one quality, the one that takes least. */
  private static MonotoneCubic curve(List<Sample> samples) {
    List<Sample> sorted = new ArrayList<>(samples);
    sorted.sort(Comparator.comparingDouble(Sample::quality).thenComparingDouble(Sample::amount));
    List<Sample> distinct = new ArrayList<>();
    for (Sample sample : sorted) {
      if (distinct.isEmpty() || sample.quality() > distinct.getLast().quality()) {
        distinct.add(sample);
      }
    }
    return new MonotoneCubic(
        distinct.stream().mapToDouble(Sample::quality).toArray(),
        distinct.stream().mapToDouble(sample -> Math.log(sample.amount())).toArray());
  }
}
