package io.millrace.loadtest.overload;

import io.millrace.loadtest.bench.MarkdownTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What the rungs of one stream took over a while without overload, beside what was predicted before
 * it began.
 *
 * @param from its predictions are those that had been made before anything of this was measured
 * @param to the other end of the while
 * @param plan what the calibration alone says
 */
record CostCheck(String stream, Sample from, Sample to, Prediction plan) {
  /** A rung's figures, in cores. */
  record Row(String rung, double calibrated, double refined, double measured) {
    double calibratedError() {
      return calibrated / measured - 1;
    }

    double refinedError() {
      return refined / measured - 1;
    }
  }

  List<Row> rows() {
    double seconds = (to.atMs() - from.atMs()) / 1e3;
    List<Row> rows = new ArrayList<>();
    for (String rung : Ladder.RUNGS) {
      Sample.Encoder before = from.encoders().get(stream + " " + rung);
      Sample.Encoder after = to.encoders().get(stream + " " + rung);
      // Of one that has been given up nothing is to be measured.
      if (before != null && after != null && !before.paused() && !after.paused()) {
        rows.add(
            new Row(
                rung,
                plan.rungs().getOrDefault(rung, Double.NaN),
                before.predictedCores(),
                (after.cpuS() - before.cpuS()) / seconds));
      }
    }
    return rows;
  }

  /** The worst of all rungs, as a share of what was measured. */
  double worstRefinedError() {
    return rows().stream().mapToDouble(row -> Math.abs(row.refinedError())).max().orElse(1);
  }

  double worstCalibratedError() {
    return rows().stream().mapToDouble(row -> Math.abs(row.calibratedError())).max().orElse(1);
  }

  /** All of the worker, decoding and its JVM included. */
  Row whole() {
    double seconds = (to.atMs() - from.atMs()) / 1e3;
    double measured =
        (to.workerCpuS().getOrDefault(stream, Double.NaN)
                - from.workerCpuS().getOrDefault(stream, Double.NaN))
            / seconds;
    return new Row(
        "the whole worker",
        plan.cores(),
        rows().stream().mapToDouble(Row::refined).sum() + decoderCores(),
        measured);
  }

  private double decoderCores() {
    return from.predictedDecoderCores().getOrDefault(stream, Double.NaN);
  }

  MarkdownTable table() {
    MarkdownTable table =
        new MarkdownTable(
            "rung, cores", "calibrated", "error", "refined", "error", "measured afterwards");
    double encoders = 0;
    for (Row row : rows()) {
      add(table, row);
      encoders += row.measured;
    }
    Row whole = whole();
    add(table, new Row("all else", plan.sourceCores(), decoderCores(), whole.measured - encoders));
    add(table, whole);
    return table;
  }

  private static void add(MarkdownTable table, Row row) {
    table.row(
        row.rung,
        number(row.calibrated),
        percent(row.calibratedError()),
        number(row.refined),
        percent(row.refinedError()),
        number(row.measured));
  }

  private static String number(double cores) {
    return String.format(Locale.ROOT, "%.3f", cores);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%+.0f %%", share * 100);
  }
}
