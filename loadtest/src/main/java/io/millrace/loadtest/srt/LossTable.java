package io.millrace.loadtest.srt;

import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.srt.LossBatch.CellResult;
import java.util.List;
import java.util.Locale;

/** Outcomes of the loss test as Markdown. In each pair of figures Millrace's is the first. */
final class LossTable {
  private static final double NS_PER_MS = 1e6;
  private static final double US_PER_MS = 1e3;

  private LossTable() {}

  static String residual(List<CellResult> cells) {
    MarkdownTable table =
        new MarkdownTable(
            "loss each way",
            "round trip ms",
            "latency ms",
            "payloads",
            "never delivered: Millrace",
            "libsrt",
            "ppm: Millrace",
            "libsrt",
            "sent again: Millrace",
            "libsrt",
            "sent back: Millrace",
            "libsrt");
    for (CellResult each : cells) {
      LossLeg.Result own = each.millrace();
      LossLeg.Result theirs = each.libsrt();
      table.row(
          format("%.0f %%", each.cell().lossPercent()),
          Integer.toString(each.cell().rttMs()),
          Long.toString(each.cell().latencyMs()),
          Long.toString(own.arrivals().sent()),
          Long.toString(own.arrivals().missing()),
          Long.toString(theirs.arrivals().missing()),
          format("%.0f", own.missingPpm()),
          format("%.0f", theirs.missingPpm()),
          format("%.2f %%", own.again() * 100),
          format("%.2f %%", theirs.again() * 100),
          format("%.2f %%", own.reports() * 100),
          format("%.2f %%", theirs.reports() * 100));
    }
    return table.toString();
  }

  /** From the sender's input to the receiver's output, and how exact the relay was. */
  static String timing(List<CellResult> cells) {
    MarkdownTable table =
        new MarkdownTable(
            "loss each way",
            "round trip ms",
            "latency ms",
            "delivered after ms, median: Millrace",
            "libsrt",
            "99 % − median: Millrace",
            "libsrt",
            "most − median: Millrace",
            "libsrt",
            "relay late ms, 99 %: Millrace",
            "libsrt");
    for (CellResult each : cells) {
      Spread own = each.millrace().arrivals().latencyUs();
      Spread theirs = each.libsrt().arrivals().latencyUs();
      table.row(
          format("%.0f %%", each.cell().lossPercent()),
          Integer.toString(each.cell().rttMs()),
          Long.toString(each.cell().latencyMs()),
          format("%.1f", own.quantile(0.5) / US_PER_MS),
          format("%.1f", theirs.quantile(0.5) / US_PER_MS),
          format("%.1f", (own.quantile(0.99) - own.quantile(0.5)) / US_PER_MS),
          format("%.1f", (theirs.quantile(0.99) - theirs.quantile(0.5)) / US_PER_MS),
          format("%.1f", (own.max() - own.quantile(0.5)) / US_PER_MS),
          format("%.1f", (theirs.max() - theirs.quantile(0.5)) / US_PER_MS),
          format("%.2f", each.millrace().relayLateNs().quantile(0.99) / NS_PER_MS),
          format("%.2f", each.libsrt().relayLateNs().quantile(0.99) / NS_PER_MS));
    }
    return table.toString();
  }

  static String cpu(List<LossBatch.Result> batches) {
    MarkdownTable table =
        new MarkdownTable(
            "cells at once",
            "Mbit received",
            "CPU ms per Mbit: Millrace",
            "libsrt",
            "ratio",
            "machine busy");
    for (LossBatch.Result each : batches) {
      table.row(
          Integer.toString(each.cells().size()),
          format("%.0f", each.megabits()),
          format("%.2f", each.millraceCpuS() * 1e3 / each.megabits()),
          format("%.2f", each.libsrtCpuS() * 1e3 / each.megabits()),
          format("%.2f", each.millraceCpuS() / each.libsrtCpuS()),
          format("%.0f %%", each.machineBusy() * 100));
    }
    return table.toString();
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
