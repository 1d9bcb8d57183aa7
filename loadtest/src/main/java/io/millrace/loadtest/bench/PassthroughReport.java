package io.millrace.loadtest.bench;

import io.millrace.loadtest.bench.PassthroughRun.Result;
import io.millrace.loadtest.bench.PassthroughRun.Timing;
import io.millrace.loadtest.bench.PassthroughRun.Window;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Medians over rounds, and every run, as Markdown. */
final class PassthroughReport {
  private final List<String> servers;
  private final List<Integer> streamCounts;
  private final Timing timing;
  private final List<Result> results;

  /**
   * @param servers names in the order of the columns; ratios are to the last
   * @param results in the order of the rounds: the n-th result of a server belongs to the n-th
   *     round
   */
  PassthroughReport(
      List<String> servers, List<Integer> streamCounts, Timing timing, List<Result> results) {
    this.servers = List.copyOf(servers);
    this.streamCounts = List.copyOf(streamCounts);
    this.timing = timing;
    this.results = List.copyOf(results);
  }

  String markdown() {
    return medians() + "\nEvery run:\n\n" + everyRun();
  }

  private String medians() {
    MarkdownTable table =
        new MarkdownTable(
            "server",
            "streams",
            "CPU s per stream-minute, early",
            "late",
            "ratio early",
            "late",
            "RSS MB",
            "first segment s");
    for (int streams : streamCounts) {
      for (String server : servers) {
        List<Result> runs = runs(server, streams);
        table.row(
            server,
            Integer.toString(streams),
            number("%.2f", median(runs, r -> cpu(r, 0))),
            late() ? number("%.2f", median(runs, r -> cpu(r, 1))) : "–",
            number("%.2f", ratio(server, streams, 0)),
            late() ? number("%.2f", ratio(server, streams, 1)) : "–",
            number("%.0f", median(runs, r -> r.windows().getLast().residentKib() * 1024 / 1e6)),
            number("%.2f", median(runs, Result::firstSegmentS)));
      }
    }
    return table.toString();
  }

  private String everyRun() {
    MarkdownTable table =
        new MarkdownTable(
            "server",
            "streams",
            "window",
            "CPU s per stream-minute",
            "RSS MB",
            "Mbit/s per viewer",
            "machine busy",
            "first segment s",
            "errors");
    for (Result result : results) {
      for (int i = 0; i < result.windows().size(); i++) {
        Window window = result.windows().get(i);
        table.row(
            result.server(),
            Integer.toString(result.streams()),
            windowName(i),
            number("%.3f", window.cpuSPerStreamMinute()),
            number("%.1f", window.residentKib() * 1024 / 1e6),
            number("%.2f", window.viewerBps() / 1e6),
            number("%.0f %%", window.machineBusy() * 100),
            number("%.2f", result.firstSegmentS()),
            Long.toString(result.errors()));
      }
    }
    return table.toString();
  }

  private String windowName(int index) {
    long fromS = (index == 0 ? timing.warmUp() : timing.lateStart()).toSeconds();
    return fromS + "–" + (fromS + timing.window().toSeconds()) + " s";
  }

  private boolean late() {
    return timing.lateStart().isPositive();
  }

  private List<Result> runs(String server, int streams) {
    return results.stream()
        .filter(r -> r.server().equals(server) && r.streams() == streams)
        .toList();
  }

  /** The median of the rounds' ratios to the last server. */
  private double ratio(String server, int streams, int window) {
    List<Result> own = runs(server, streams);
    List<Result> base = runs(servers.getLast(), streams);
    List<Double> ratios =
        IntStream.range(0, own.size())
            .mapToObj(i -> cpu(own.get(i), window) / cpu(base.get(i), window))
            .toList();
    return Median.of(ratios);
  }

  private static double cpu(Result result, int window) {
    return result.windows().get(window).cpuSPerStreamMinute();
  }

  private static double median(List<Result> runs, ToDoubleFunction<Result> value) {
    return Median.of(runs.stream().mapToDouble(value).boxed().toList());
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
