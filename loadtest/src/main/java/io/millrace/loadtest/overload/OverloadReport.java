package io.millrace.loadtest.overload;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.overload.Account.Addition;
import io.millrace.loadtest.overload.PartViewer.Watched;
import io.millrace.loadtest.publish.ClipPublisher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The account of a run against what is demanded, in Markdown.
 *
 * @param clipBytesPerMs of every publisher
 * @param busy share of the machine over the run
 * @param idleBefore share of it before the server was started
 * @param givenUpSources how often all rungs of a stream lost what waited to be decoded
 */
record OverloadReport(
    Account account,
    List<Feed> feeds,
    Prediction plan,
    CostCheck costs,
    double cores,
    double clipBytesPerMs,
    double busy,
    double idleBefore,
    int failedLooks,
    int givenUpSources) {
  private static final long SHED_WITHIN_MS = 2_000;
  private static final long RECOVERED_WITHIN_MS = 10_000;
  private static final double PREDICTED_WITHIN = 0.1;

  /** More than the server reads at once: what waits longer than a look of it is blocked. */
  private static final double BLOCKED_MS = 250;

  @Override
  public String toString() {
    return "%s%n%n%s%n### Demands%n%n%s%n### Predicted and measured%n%n%s%n%s%n%s%n%s"
        .formatted(
            Machine.describe(),
            setting(),
            demands(),
            costs.table(),
            streams(),
            viewers(),
            timeLine());
  }

  private double offered() {
    return account.feeds().size() * costs.whole().measured();
  }

  private long taken() {
    return account.feeds().stream().filter(Feed.Course::isTaken).count();
  }

  private String setting() {
    return format(
        "- %d streams offered, %d taken; a stream alone took %.2f cores, all of them %.1f"
            + " times the machine's %.0f cores (%.1f times their %d %% budget)%n"
            + "- given up in the order %s, then faster presets, then half the rate\n"
            + "- machine busy %.0f %% over the run, %.0f %% idle before it; %d looks failed;"
            + " publishers and viewers took %d CPU seconds%n",
        account.feeds().size(),
        taken(),
        costs.whole().measured(),
        offered() / cores,
        cores,
        offered() / (cores * Ladder.CPU_PERCENT / 100),
        Ladder.CPU_PERCENT,
        String.join(", ", Ladder.SHED),
        busy * 100,
        idleBefore * 100,
        failedLooks,
        ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toSeconds());
  }

  // ---------------------------------------------------------------- demands

  private MarkdownTable demands() {
    MarkdownTable table = new MarkdownTable("demand", "held", "figures");
    shed(table);
    List<String> wrong = account.outOfOrder();
    long given = account.steps().stream().filter(Step::given).count();
    table.row(
        "in the stated order",
        held(wrong.isEmpty()),
        wrong.isEmpty()
            ? given + " steps"
            : wrong.size() + " exceptions in " + given + " steps: " + wrong.getFirst());
    survivors(table);
    ingest(table);
    after(table);
    table.row(
        "predicted within 10 % of measured, refined",
        held(costs.worstRefinedError() <= PREDICTED_WITHIN),
        format("worst rung %.0f %%", costs.worstRefinedError() * 100));
    table.row(
        "the same, a whole stream",
        held(Math.abs(costs.whole().refinedError()) <= PREDICTED_WITHIN),
        format("%+.0f %%", costs.whole().refinedError() * 100));
    table.row(
        "predicted within 10 % of measured, by calibration alone",
        held(costs.worstCalibratedError() <= PREDICTED_WITHIN),
        format("worst rung %.0f %%", costs.worstCalibratedError() * 100));
    return table;
  }

  private void shed(MarkdownTable table) {
    List<Long> first = new ArrayList<>();
    List<Long> last = new ArrayList<>();
    for (Addition addition : account.additions()) {
      if (!addition.steps().isEmpty() && addition.encodersMs() > 0) {
        first.add(addition.afterEncodersMs(addition.steps().getFirst()));
        last.add(addition.afterEncodersMs(addition.steps().getLast()));
      }
    }
    table.row(
        "shed within 2 s of the encoders' start: the first step",
        held(!first.isEmpty() && max(first) <= SHED_WITHIN_MS),
        list(first));
    table.row(
        "the same: the last step before the next stream",
        held(!last.isEmpty() && max(last) <= SHED_WITHIN_MS),
        list(last));
  }

  private void survivors(MarkdownTable table) {
    long missing = 0;
    long dropped = 0;
    Watched all = Watched.NOTHING;
    List<String> figures = new ArrayList<>();
    for (String rendition : Ladder.SURVIVORS) {
      Watched seen = Feed.seen(feeds, rendition);
      missing += seen.missing();
      dropped += account.dropped(rendition);
      all = all.plus(seen);
      figures.add(format("%s %d of %d", rendition, seen.missing(), seen.parts() + seen.missing()));
    }
    table.row(
        "surviving rungs miss 0 parts",
        held(missing == 0 && all.parts() > 0),
        String.join(", ", figures)
            + "; pictures left out "
            + dropped
            + "; decoding too far behind "
            + givenUpSources
            + " times");
    table.row(
        "players of surviving rungs never stall: HOLD-BACK behind",
        held(all.usualStalls() == 0 && all.parts() > 0),
        format("%d stalls, %d ms", all.usualStalls(), all.usualStalledMs()));
    table.row(
        "the same: PART-HOLD-BACK behind",
        held(all.closeStalls() == 0 && all.parts() > 0),
        format("%d stalls, %d ms", all.closeStalls(), all.closeStalledMs()));
  }

  private void ingest(MarkdownTable table) {
    long pending = feeds.stream().mapToLong(Feed::mostPendingBytes).max().orElse(0);
    long dropped = 0;
    long lagMs = 0;
    for (Feed feed : feeds) {
      ClipPublisher.@Nullable Stats stats = feed.stats();
      if (stats != null) {
        dropped += stats.dropped();
        lagMs = Math.max(lagMs, stats.worstLagMs());
      }
    }
    double queuedMs = account.lastingIngestBytes() / clipBytesPerMs;
    long acceptMs =
        account.feeds().stream()
            .filter(Feed.Course::isTaken)
            .mapToLong(course -> course.answeredMs() - course.askedMs())
            .max()
            .orElse(0);
    table.row(
        "ingest never blocked",
        held(dropped == 0 && Math.max(queuedMs, pending / clipBytesPerMs) < BLOCKED_MS),
        format(
            "most in the kernel's queues of one connection at two looks in a row %d kB (%.0f ms of"
                + " it), in a publisher %d bytes; at one look %d kB, left out %d; a publish taken"
                + " within %d ms; publishers' own lateness %d ms",
            account.lastingIngestBytes() / 1_000,
            queuedMs,
            pending,
            account.mostIngestBytes() / 1_000,
            dropped,
            acceptMs,
            lagMs));
  }

  private void after(MarkdownTable table) {
    OptionalLong recovery = account.recoveryMs();
    table.row(
        "recovery within 10 s of the load's leaving",
        held(recovery.isPresent() && recovery.getAsLong() <= RECOVERED_WITHIN_MS),
        recovery.isPresent()
            ? format("%.1f s until every rung was encoded again", recovery.getAsLong() / 1e3)
            : "not in this run");
    List<Step> late = account.stepsAfter(RECOVERED_WITHIN_MS);
    table.row(
        format(
            "no flapping for %.0f s after that", (account.endMs() - account.leftMs()) / 1e3 - 10),
        held(late.isEmpty()),
        late.size() + " decisions; under load " + account.returnsUnderLoad().size() + " came back");
  }

  // ---------------------------------------------------------------- tables

  private MarkdownTable streams() {
    MarkdownTable table =
        new MarkdownTable(
            "stream", "asked, s", "answered, ms", "encoders, s", "steps", "first, s", "last, s");
    for (Addition addition : account.additions()) {
      Feed.Course feed = addition.feed();
      List<Step> steps = addition.steps();
      boolean counts = !steps.isEmpty() && addition.encodersMs() > 0;
      table.row(
          feed.name() + (feed.isTaken() ? "" : ", refused: " + feed.refusal()),
          seconds(feed.askedMs()),
          "" + (feed.answeredMs() - feed.askedMs()),
          addition.encodersMs() == 0 ? "" : seconds(addition.encodersMs()),
          "" + steps.size(),
          counts ? format("%.1f", addition.afterEncodersMs(steps.getFirst()) / 1e3) : "",
          counts ? format("%.1f", addition.afterEncodersMs(steps.getLast()) / 1e3) : "");
    }
    return table;
  }

  private MarkdownTable viewers() {
    MarkdownTable table =
        new MarkdownTable(
            "viewers of",
            "parts",
            "missing",
            "stalls, HOLD-BACK",
            "ms",
            "stalls, PART-HOLD-BACK",
            "ms",
            "longest wait ms",
            "errors");
    List<String> all = new ArrayList<>(Ladder.SURVIVORS);
    all.add(Ladder.LAST);
    for (String rendition : all) {
      Watched seen = Feed.seen(feeds, rendition);
      table.row(
          rendition + (rendition.equals(Ladder.LAST) ? " (may be given up)" : ""),
          "" + seen.parts(),
          "" + seen.missing(),
          "" + seen.usualStalls(),
          "" + seen.usualStalledMs(),
          "" + seen.closeStalls(),
          "" + seen.closeStalledMs(),
          "" + seen.longestWaitMs(),
          seen.errors() + (seen.lastError().isEmpty() ? "" : ": " + seen.lastError()));
    }
    return table;
  }

  private record Line(long atMs, String text) {}

  private String timeLine() {
    List<Line> lines = new ArrayList<>();
    for (Addition addition : account.additions()) {
      Feed.Course feed = addition.feed();
      lines.add(new Line(feed.askedMs(), feed.name() + " asks to publish"));
      lines.add(
          new Line(
              feed.answeredMs(),
              feed.name() + (feed.isTaken() ? " is taken" : " is refused: " + feed.refusal())));
      if (addition.encodersMs() > 0) {
        lines.add(new Line(addition.encodersMs(), feed.name() + " is encoded"));
      }
      if (feed.stoppedMs() > 0 && feed.stoppedMs() <= account.leftMs()) {
        lines.add(new Line(feed.stoppedMs(), feed.name() + " leaves"));
      }
    }
    for (Step step : account.steps()) {
      lines.add(
          new Line(
              step.atMs(),
              (step.given() ? "− " : "+ ")
                  + step.stream()
                  + " "
                  + step.what()
                  + " ("
                  + step.reason()
                  + ")"));
    }
    for (Sample sample : account.ingestAbove(BLOCKED_MS * clipBytesPerMs)) {
      lines.add(
          new Line(
              sample.atMs(),
              format("! %d kB of a connection are unread", sample.ingestBytes() / 1_000)));
    }
    for (Feed feed : feeds) {
      for (String rendition : Ladder.SURVIVORS) {
        for (PartViewer.Miss miss : feed.misses(rendition)) {
          lines.add(
              new Line(
                  miss.atMs(),
                  format(
                      "! %s %s misses %d parts of segment %d: %s",
                      feed.course().name(), rendition, miss.parts(), miss.sequence(), miss.why())));
        }
      }
    }
    lines.sort(Comparator.comparingLong(Line::atMs));
    StringBuilder out = new StringBuilder("### Time line\n\n```\n");
    lines.forEach(line -> out.append(format("%7s  %s%n", seconds(line.atMs), line.text)));
    return out.append("```\n").toString();
  }

  private String seconds(long atMs) {
    return format("%.1f", (atMs - account.feeds().getFirst().askedMs()) / 1e3);
  }

  private static String held(boolean held) {
    return held ? "yes" : "**no**";
  }

  private static long max(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).max().orElse(0);
  }

  private static String list(List<Long> values) {
    if (values.isEmpty()) {
      return "nothing was given up";
    }
    List<String> each = values.stream().map(value -> format("%.1f", value / 1e3)).toList();
    return "s, for each stream that led to any: " + String.join(", ", each);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
