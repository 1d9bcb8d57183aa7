package io.millrace.loadtest.throughput;

import io.millrace.loadtest.bench.MarkdownTable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The runs of both servers, round by round. */
final class Results {
  private final Map<Measured, List<Cost>> ours = new EnumMap<>(Measured.class);
  private final Map<Measured, List<Cost>> peers = new EnumMap<>(Measured.class);

  void ours(Measured measured, Cost cost) {
    ours.computeIfAbsent(measured, _ -> new ArrayList<>()).add(cost);
  }

  void peers(Measured measured, Cost cost) {
    peers.computeIfAbsent(measured, _ -> new ArrayList<>()).add(cost);
  }

  /**
   * Medians, with CPU time in relation to nginx's, and HTTP/3's to our own HTTP/2's. Below 1.00
   * less CPU than the other.
   */
  String summary() {
    MarkdownTable table =
        new MarkdownTable("", "Millrace", "nginx", "CPU, ratio", "to", "rounds", "machine busy");
    for (Map.Entry<Measured, List<Cost>> each : ours.entrySet()) {
      Measured measured = each.getKey();
      double value = median(each.getValue(), measured::value);
      List<Cost> peer = peers.get(measured);
      Double other = null;
      if (peer != null) {
        other = median(peer, measured::value);
      } else if (measured == Measured.HTTP_3 && ours.containsKey(Measured.HTTP_2)) {
        other = median(ours.get(Measured.HTTP_2), measured::value);
      }
      table.row(
          measured.title,
          number(measured, value),
          peer == null || other == null ? "" : number(measured, other),
          other == null ? "" : format("%.2f", measured.isRate() ? other / value : value / other),
          other == null ? "" : peer == null ? "our HTTP/2" : "nginx",
          "" + each.getValue().size(),
          format("%.0f %%", 100 * median(each.getValue(), Cost::busy)));
    }
    return table.toString();
  }

  /** Every run. */
  String rounds() {
    MarkdownTable table =
        new MarkdownTable("", "round", "Millrace", "nginx", "wall s", "nginx wall s");
    ours.forEach(
        (measured, costs) -> {
          for (int i = 0; i < costs.size(); i++) {
            List<Cost> peer = peers.get(measured);
            table.row(
                measured.title,
                "" + (i + 1),
                number(measured, measured.value(costs.get(i))),
                peer == null ? "" : number(measured, measured.value(peer.get(i))),
                format("%.1f", costs.get(i).wallS()),
                peer == null ? "" : format("%.1f", peer.get(i).wallS()));
          }
        });
    return table.toString();
  }

  private static String number(Measured measured, double value) {
    return format(measured.isRate() ? "%.0f" : "%.3f", value);
  }

  private static double median(List<Cost> costs, ToDoubleFunction<Cost> value) {
    double[] sorted = costs.stream().mapToDouble(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
