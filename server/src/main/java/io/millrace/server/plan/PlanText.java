package io.millrace.server.plan;

import io.millrace.codec.cost.RungCost;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.Rational;
import io.millrace.server.budget.Calibration;
import io.millrace.server.plan.Plan.Costed;
import io.millrace.server.plan.Plan.Left;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** A {@link Plan} for people. */
public final class PlanText {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String ROW = "  %-14s %-6s %-10s %6s  %-10s %-8s %8s%n";

  private final StringBuilder out = new StringBuilder();

  private PlanText() {}

  /**
   * Several lines.
   *
   * @param file where the calibration is kept
   */
  public static String of(Plan plan, Path file) {
    PlanText text = new PlanText();
    text.head(plan, file);
    plan.ladders().forEach(text::ladder);
    return text.out.toString();
  }

  private void line(String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private void head(Plan plan, Path file) {
    Calibration.Identity identity = plan.calibration().identity();
    line("Machine   %s, %d cores", identity.cpu(), identity.cores());
    line("H.264     %s", identity.h264());
    line("AV1       %s", plan.av1());
    line(
        "Source    H.264, %dx%d, %s pictures a second (--source for another)",
        plan.source().width(), plan.source().height(), rate(plan.source().frameRate()));
    line(
        "Figures   CPU seconds a second, from the calibration of %s (%s; --calibrate makes it"
            + " again).",
        TIME.format(plan.calibration().made()), file);
    line("          Pictures differ: real ones take from half as much to half as much again.");
  }

  private void ladder(Costed ladder) {
    line("");
    line("Ladder %s: %s", ladder.name(), streams(ladder.streams()));
    out.append(
        String.format(
            Locale.ROOT, ROW, "rendition", "codec", "size", "fps", "preset", "when", "cores"));
    if (!ladder.renditions().passthrough().isEmpty()) {
      line("  %-14s passed through%40s", ladder.renditions().passthrough(), cores(0));
    }
    for (RungCost cost : ladder.cost().rungs()) {
      rung(cost, ladder.watched().contains(cost.rung().rung().name()));
    }
    for (LadderPlan.Skipped skipped : ladder.plan().skipped()) {
      line("  %-14s left out: %s", skipped.rung().name(), skipped.reason());
    }
    if (ladder.plan().rungs().isEmpty()) {
      line("  nothing is encoded");
      return;
    }
    line("  %-60s %8s", "decoding", cores(ladder.cost().decodeCores()));
    line("  %-60s %8s", "scaling", cores(ladder.cost().scaleCores()));
    AudioRung audio = ladder.plan().ladder().audio();
    if (audio != null && !audio.passthrough()) {
      line("  %-60s %8s", "sound", cores(ladder.cost().soundCores()));
    }
    line("  %-60s %8s", "one stream", cores(ladder.cost().cores()));
    line("");
    line(
        "  Budget: %d %% of the machine, %s cores, for all streams together.",
        ladder.budgetPercent(), cores(ladder.budgetCores()));
    line("  Of this ladder alone %s.", fits(ladder, ladder.cost().cores()));
    shed(ladder);
  }

  private void rung(RungCost cost, boolean watched) {
    PlannedRung planned = cost.rung();
    VideoRung rung = planned.rung();
    out.append(
        String.format(
            Locale.ROOT,
            ROW,
            rung.name(),
            rung.codec().name().toLowerCase(Locale.ROOT),
            planned.width() + "x" + planned.height(),
            rate(planned.frameRate()),
            rung.preset(),
            watched ? "watched" : "always",
            cores(cost.cores())));
  }

  private void shed(Costed ladder) {
    if (ladder.shed().isEmpty()) {
      line("  It has no budget.shed: under overload its rungs drop pictures.");
      return;
    }
    line("  Under overload, in this order, a stream's:");
    int number = 1;
    for (Left left : ladder.shed()) {
      line(
          "  %2d. %-56s %8s left; %s",
          number++, left.step(), cores(left.cores()), fits(ladder, left.cores()));
    }
    line("  %2d. new streams are refused", number);
  }

  private static String fits(Costed ladder, double cores) {
    long streams = ladder.fits(cores);
    if (streams == Long.MAX_VALUE) {
      return "any number of streams fits";
    }
    return streams == 0
        ? "not even one stream fits"
        : streams + (streams == 1 ? " stream fits" : " streams fit");
  }

  private static String streams(List<String> patterns) {
    if (patterns.isEmpty()) {
      return "no stream has it";
    }
    boolean rest = patterns.contains("*");
    String named = String.join(", ", patterns.stream().filter(it -> !it.equals("*")).toList());
    return rest ? (named.isEmpty() ? "all streams" : named + ", and all others") : named;
  }

  private static String rate(@Nullable Rational rate) {
    return rate == null
        ? "?"
        : String.format(Locale.ROOT, "%.2f", rate.toDouble()).replaceAll("\\.?0+$", "");
  }

  private static String cores(OptionalDouble cores) {
    return cores.isPresent() ? cores(cores.getAsDouble()) : "unknown";
  }

  private static String cores(double cores) {
    return String.format(Locale.ROOT, "%.2f", cores);
  }
}
