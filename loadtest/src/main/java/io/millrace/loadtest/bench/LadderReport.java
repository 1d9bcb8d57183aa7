package io.millrace.loadtest.bench;

import io.millrace.loadtest.bench.MeasuredCommand.Usage;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Medians over rounds, and every run, as Markdown. */
final class LadderReport {

  /** One run of one contender. */
  record Result(LadderCase ladder, String contender, Usage usage, LadderOutput output) {}

  private final List<String> contenders;
  private final double contentS;
  private final List<Result> results;

  /**
   * @param contenders in the order of the rows; ratios are of the first to each
   * @param contentS how long the clip plays
   * @param results in the order of the rounds
   */
  LadderReport(List<String> contenders, double contentS, List<Result> results) {
    this.contenders = List.copyOf(contenders);
    this.contentS = contentS;
    this.results = List.copyOf(results);
  }

  String markdown() {
    return medians() + "\nEvery run:\n\n" + everyRun();
  }

  private String medians() {
    String first = contenders.getFirst();
    MarkdownTable table =
        new MarkdownTable(
            "ladder",
            "by",
            "CPU s per content s",
            "× real time",
            "peak RSS MB",
            first + " ÷ this, CPU",
            "wall",
            "RSS",
            "kbit/s");
    for (LadderCase ladder : LadderCase.values()) {
      for (String contender : contenders) {
        List<Result> own = runs(ladder, contender);
        if (own.isEmpty()) {
          continue;
        }
        List<Result> base = runs(ladder, first);
        table.row(
            ladder.title(),
            contender,
            number("%.3f", median(own, r -> r.usage().cpuS() / contentS)),
            number("%.2f", median(own, r -> contentS / r.usage().wallS())),
            number("%.0f", median(own, r -> r.usage().peakResidentKib() * 1024 / 1e6)),
            number("%.2f", ratio(base, own, r -> r.usage().cpuS())),
            number("%.2f", ratio(base, own, r -> r.usage().wallS())),
            number("%.2f", ratio(base, own, r -> r.usage().peakResidentKib())),
            rates(own.getLast()));
      }
    }
    return table.toString();
  }

  private String everyRun() {
    MarkdownTable table =
        new MarkdownTable("ladder", "by", "CPU s", "wall s", "peak RSS MB", "pictures", "kbit/s");
    for (Result result : results) {
      table.row(
          result.ladder().title(),
          result.contender(),
          number("%.2f", result.usage().cpuS()),
          number("%.2f", result.usage().wallS()),
          number("%.0f", result.usage().peakResidentKib() * 1024 / 1e6),
          Long.toString(result.output().pictures()),
          rates(result));
    }
    return table.toString();
  }

  private List<Result> runs(LadderCase ladder, String contender) {
    return results.stream()
        .filter(r -> r.ladder() == ladder && r.contender().equals(contender))
        .toList();
  }

  private String rates(Result result) {
    return result.output().rungBytes().stream()
        .map(bytes -> number("%.0f", bytes * 8 / contentS / 1e3))
        .collect(Collectors.joining(" + "));
  }

  private static double median(List<Result> runs, ToDoubleFunction<Result> value) {
    return Median.of(runs.stream().mapToDouble(value).boxed().toList());
  }

  /** The median of the rounds' own ratios. */
  private static double ratio(List<Result> base, List<Result> own, ToDoubleFunction<Result> value) {
    return Median.of(
        IntStream.range(0, own.size())
            .mapToObj(i -> value.applyAsDouble(base.get(i)) / value.applyAsDouble(own.get(i)))
            .toList());
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
