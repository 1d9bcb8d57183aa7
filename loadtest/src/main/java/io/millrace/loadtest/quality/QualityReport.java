package io.millrace.loadtest.quality;

import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.quality.BjontegaardDelta.Sample;
import io.millrace.loadtest.quality.Score.Metric;
import io.millrace.media.VideoCodec;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** One clip's results as Markdown. Every H.264 contender is a reference for all others. */
final class QualityReport {
  private static final String NONE = "–";

  private final List<Contender> contenders;
  private final List<Point> points;
  private final Map<Contender, Delay> delays;

  /**
   * @param contenders in the order of the rows
   * @param delays of some of them
   */
  QualityReport(List<Contender> contenders, List<Point> points, Map<Contender, Delay> delays) {
    this.contenders = List.copyOf(contenders);
    this.points = List.copyOf(points);
    this.delays = Map.copyOf(delays);
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    for (Contender contender : contenders) {
      if (contender.codec() == VideoCodec.H264) {
        text.append("Against ").append(contender.label()).append(":\n\n");
        text.append(against(contender)).append('\n');
      }
    }
    text.append("Cost and delay:\n\n").append(costs()).append('\n');
    return text.append("Every point:\n\n").append(everyPoint()).toString();
  }

  private String against(Contender reference) {
    MarkdownTable table =
        new MarkdownTable("rung", "bits, VMAF", "bits, PSNR-Y", "bits, SSIM", "× CPU, equal VMAF");
    for (Contender contender : contenders) {
      if (!contender.equals(reference)) {
        OptionalDouble cpu =
            delta(reference, contender, Metric.VMAF, point -> point.run().cpuPerS());
        table.row(
            contender.label(),
            percent(rate(reference, contender, Metric.VMAF)),
            percent(rate(reference, contender, Metric.PSNR)),
            percent(rate(reference, contender, Metric.SSIM)),
            cpu.isPresent() ? number("%.2f", 1 + cpu.getAsDouble()) : NONE);
      }
    }
    return table.toString();
  }

  private OptionalDouble rate(Contender reference, Contender other, Metric metric) {
    return delta(reference, other, metric, point -> point.run().kbps());
  }

  private OptionalDouble delta(
      Contender reference, Contender other, Metric metric, ToDoubleFunction<Point> amount) {
    return BjontegaardDelta.of(samples(reference, metric, amount), samples(other, metric, amount));
  }

  private List<Sample> samples(Contender contender, Metric metric, ToDoubleFunction<Point> amount) {
    return own(contender).stream()
        .map(point -> new Sample(metric.of(point.score()), amount.applyAsDouble(point)))
        .toList();
  }

  private String costs() {
    MarkdownTable table =
        new MarkdownTable(
            "rung",
            "CPU s per content s",
            "from – to",
            "× real time",
            "delay p50 ms",
            "p99 ms",
            "pictures held");
    for (Contender contender : contenders) {
      List<Point> own = own(contender);
      Delay delay = delays.get(contender);
      table.row(
          contender.label(),
          number("%.3f", own.stream().mapToDouble(p -> p.run().cpuPerS()).average().orElseThrow()),
          number("%.3f", own.stream().mapToDouble(p -> p.run().cpuPerS()).min().orElseThrow())
              + " – "
              + number(
                  "%.3f", own.stream().mapToDouble(p -> p.run().cpuPerS()).max().orElseThrow()),
          number("%.1f", own.stream().mapToDouble(p -> p.run().realTime()).average().orElseThrow()),
          delay == null ? NONE : number("%.0f", delay.p50Ms()),
          delay == null ? NONE : number("%.0f", delay.p99Ms()),
          delay == null ? NONE : Integer.toString(delay.heldMost()));
    }
    return table.toString();
  }

  private String everyPoint() {
    MarkdownTable table =
        new MarkdownTable(
            "rung", "kbit/s or crf", "kbit/s", "VMAF", "PSNR-Y dB", "SSIM", "CPU s per content s");
    for (Contender contender : contenders) {
      for (Point point : own(contender)) {
        table.row(
            contender.label(),
            Integer.toString(point.value()),
            number("%.0f", point.run().kbps()),
            Metric.VMAF.text(point.score()),
            Metric.PSNR.text(point.score()),
            Metric.SSIM.text(point.score()),
            number("%.3f", point.run().cpuPerS()));
      }
    }
    return table.toString();
  }

  private List<Point> own(Contender contender) {
    return points.stream().filter(point -> point.contender().equals(contender)).toList();
  }

  private static String percent(OptionalDouble share) {
    return share.isPresent()
        ? String.format(Locale.ROOT, "%+.1f %%", 100 * share.getAsDouble()).replace('-', '−')
        : NONE;
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
