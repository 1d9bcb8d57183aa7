package io.millrace.loadtest.quality;

import io.millrace.loadtest.quality.Score.Metric;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;

/**
 * Quality over bit rate as SVG 1.1: a curve a contender, interpolated as {@link BjontegaardDelta}
 * does it, on a logarithmic axis of rates. Colours follow the reader's choice of light or dark.
 */
final class CurvePlot {
  private static final int WIDTH = 1010;
  private static final int HEIGHT = 460;
  private static final int LEFT = 64;
  private static final int RIGHT = 640;
  private static final int TOP = 46;
  private static final int BOTTOM = 404;
  private static final int LEGEND_X = 664;
  private static final int LEGEND_LINE = 26;
  private static final int STEPS = 60;
  private static final List<String> COLOURS =
      List.of(
          "#d1650f", "#a8322d", "#2f7fd6", "#1f9c93", "#8a63d2", "#c2438f", "#5c9a2c", "#8b8680",
          "#b58b00");
  private static final List<Integer> RATES =
      List.of(50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000);
  private static final double[] NICE_STEPS = {
    0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 2, 5, 10
  };
  private static final int MOST_LINES = 9;

  private static final String STYLE =
      """
      <style>
        text { font: 13px system-ui, sans-serif; fill: #222 }
        .title { font-size: 15px; font-weight: 600 }
        .paper { fill: #fff }
        .grid { stroke: #ddd; stroke-width: 1 }
        .curve { fill: none; stroke-width: 2 }
        @media (prefers-color-scheme: dark) {
          text { fill: #ddd }
          .paper { fill: #16181d }
          .grid { stroke: #3a3d44 }
        }
      </style>
      """;

  private final String title;
  private final Metric metric;
  private final List<Curve> curves;

  /** The points of one contender, by growing quality. */
  private record Curve(String label, List<Point> points) {}

  /**
   * @param title of the whole
   * @param contenders in the order of the legend
   * @param points of all of them
   */
  CurvePlot(String title, Metric metric, List<Contender> contenders, List<Point> points) {
    this.title = title;
    this.metric = metric;
    List<Curve> all = new ArrayList<>();
    for (Contender contender : contenders) {
      List<Point> own = new ArrayList<>();
      points.stream()
          .filter(point -> point.contender().equals(contender))
          .sorted(Comparator.comparingDouble(point -> metric.of(point.score())))
          .forEach(
              point -> {
                boolean more =
                    own.isEmpty() || metric.of(point.score()) > metric.of(own.getLast().score());
                if (more) {
                  own.add(point);
                }
              });
      all.add(new Curve(contender.label(), own));
    }
    this.curves = List.copyOf(all);
  }

  String svg() {
    double lowRate = rates().min().orElseThrow() / 1.1;
    double highRate = rates().max().orElseThrow() * 1.1;
    double step = step(qualities().max().orElseThrow() - qualities().min().orElseThrow());
    double low = Math.floor(qualities().min().orElseThrow() / step) * step;
    double high = Math.max(low + step, Math.ceil(qualities().max().orElseThrow() / step) * step);
    DoubleUnaryOperator x =
        kbps -> LEFT + (RIGHT - LEFT) * Math.log(kbps / lowRate) / Math.log(highRate / lowRate);
    DoubleUnaryOperator y = value -> BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low);

    StringBuilder out = new StringBuilder();
    line(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">",
        WIDTH,
        HEIGHT);
    line(out, "<title>%s</title>", escaped(title));
    out.append(STYLE);
    line(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>", WIDTH, HEIGHT);
    line(out, "<text class=\"title\" x=\"%d\" y=\"26\">%s</text>", LEFT, escaped(title));
    verticals(out, lowRate, highRate, x);
    horizontals(out, low, high, step, y);
    for (int i = 0; i < curves.size(); i++) {
      curve(out, curves.get(i), COLOURS.get(i % COLOURS.size()), x, y);
      legend(out, curves.get(i), COLOURS.get(i % COLOURS.size()), TOP + 14 + i * LEGEND_LINE);
    }
    return out.append("</svg>\n").toString();
  }

  private DoubleStream rates() {
    return curves.stream().flatMap(c -> c.points.stream()).mapToDouble(p -> p.run().kbps());
  }

  private DoubleStream qualities() {
    return curves.stream().flatMap(c -> c.points.stream()).mapToDouble(p -> metric.of(p.score()));
  }

  private static double step(double range) {
    for (double step : NICE_STEPS) {
      if (range / step <= MOST_LINES) {
        return step;
      }
    }
    return NICE_STEPS[NICE_STEPS.length - 1];
  }

  private static void verticals(StringBuilder out, double low, double high, DoubleUnaryOperator x) {
    for (int rate : RATES) {
      if (rate >= low && rate <= high) {
        double at = x.applyAsDouble(rate);
        line(
            out,
            "<path class=\"grid\" d=\"M%.1f %dV%d\"/>"
                + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>",
            at,
            TOP,
            BOTTOM,
            at,
            BOTTOM + 20,
            rate);
      }
    }
    line(
        out,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">kbit/s</text>",
        (LEFT + RIGHT) / 2,
        BOTTOM + 42);
  }

  private void horizontals(
      StringBuilder out, double low, double high, double step, DoubleUnaryOperator y) {
    String format = step < 0.01 ? "%.4f" : step < 0.5 ? "%.2f" : step < 1 ? "%.1f" : "%.0f";
    for (int i = 0; low + i * step <= high + step / 2; i++) {
      double value = low + i * step;
      double at = y.applyAsDouble(value);
      line(
          out,
          "<path class=\"grid\" d=\"M%d %.1fH%d\"/>"
              + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
          LEFT,
          at,
          RIGHT,
          LEFT - 8,
          at + 4,
          String.format(Locale.ROOT, format, value));
    }
  }

  private void curve(
      StringBuilder out, Curve curve, String colour, DoubleUnaryOperator x, DoubleUnaryOperator y) {
    if (curve.points.size() > 1) {
      MonotoneCubic rate =
          new MonotoneCubic(
              curve.points.stream().mapToDouble(p -> metric.of(p.score())).toArray(),
              curve.points.stream().mapToDouble(p -> Math.log(p.run().kbps())).toArray());
      double low = metric.of(curve.points.getFirst().score());
      double high = metric.of(curve.points.getLast().score());
      StringBuilder path = new StringBuilder();
      for (int i = 0; i <= STEPS; i++) {
        double quality = low + (high - low) * i / STEPS;
        path.append(i == 0 ? 'M' : 'L');
        path.append(
            String.format(
                Locale.ROOT,
                "%.1f %.1f",
                x.applyAsDouble(Math.exp(rate.at(quality))),
                y.applyAsDouble(quality)));
      }
      line(out, "<path class=\"curve\" stroke=\"%s\"%s d=\"%s\"/>", colour, dash(curve), path);
    }
    for (Point point : curve.points) {
      line(
          out,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>",
          x.applyAsDouble(point.run().kbps()),
          y.applyAsDouble(metric.of(point.score())),
          colour);
    }
  }

  private static void legend(StringBuilder out, Curve curve, String colour, int at) {
    line(
        out,
        "<path class=\"curve\" stroke=\"%s\"%s d=\"M%d %dh26\"/>"
            + "<circle cx=\"%d\" cy=\"%d\" r=\"3.5\" fill=\"%s\"/>"
            + "<text x=\"%d\" y=\"%d\">%s</text>",
        colour,
        dash(curve),
        LEGEND_X,
        at,
        LEGEND_X + 13,
        at,
        colour,
        LEGEND_X + 34,
        at + 4,
        escaped(curve.label));
  }

  private static String dash(Curve curve) {
    return curve.label.startsWith("H.264") ? " stroke-dasharray=\"6 4\"" : "";
  }

  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
