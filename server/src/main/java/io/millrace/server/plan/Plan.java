package io.millrace.server.plan;

import io.millrace.codec.cost.CostModel;
import io.millrace.codec.cost.LadderCost;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.media.TrackFormat;
import io.millrace.server.ConfiguredPolicy;
import io.millrace.server.budget.Calibration;
import io.millrace.server.config.Config;
import io.millrace.server.config.LadderConfig;
import io.millrace.server.config.StreamRule;
import io.millrace.server.live.LadderSettings;
import io.millrace.server.live.ShedStep;
import io.millrace.server.live.Shedding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a configuration costs on a machine, for one kind of source.
 *
 * @param av1 which SVT-AV1 is used, from where, and why that one
 * @param ladders by name
 */
public record Plan(
    Calibration calibration, String av1, TrackFormat.Video source, List<Costed> ladders) {

  /**
   * A ladder.
   *
   * @param streams patterns of the streams that have it, in the order of the configuration; {@code
   *     *} stands for all that no pattern matches
   * @param watched rungs that are encoded only while somebody watches
   * @param budgetCores what all encoding may take
   * @param cost everything encoded
   * @param shed what is left after each step, the first one first
   */
  public record Costed(
      String name,
      List<String> streams,
      LadderSettings renditions,
      LadderPlan plan,
      Set<String> watched,
      int budgetPercent,
      double budgetCores,
      LadderCost cost,
      List<Left> shed) {
    public Costed {
      streams = List.copyOf(streams);
      watched = Set.copyOf(watched);
      shed = List.copyOf(shed);
    }

    /** How many streams of this ladder alone fit into the budget, when each takes so much. */
    public long fits(double cores) {
      return cores <= 0 ? Long.MAX_VALUE : (long) Math.floor(budgetCores / cores);
    }
  }

  /** After a step, and all before it. */
  public record Left(ShedStep step, double cores) {}

  public Plan {
    ladders = List.copyOf(ladders);
  }

  /** Predicts. */
  public static Plan of(
      Config config, Calibration calibration, String av1, TrackFormat.Video source) {
    CostModel model = new CostModel(calibration.costs());
    Map<String, List<String>> streams = new TreeMap<>();
    for (StreamRule rule : config.streams()) {
      streams
          .computeIfAbsent(rule.policy().ladder(), _ -> new ArrayList<>())
          .add(rule.pattern().toString());
    }
    if (config.acceptUnlisted()) {
      streams.computeIfAbsent(config.fallback().ladder(), _ -> new ArrayList<>()).add("*");
    }
    List<Costed> ladders = new ArrayList<>();
    for (var ladder : new TreeMap<>(config.ladders()).entrySet()) {
      ladders.add(
          costed(
              ladder.getKey(),
              ladder.getValue(),
              streams.getOrDefault(ladder.getKey(), List.of()),
              model,
              calibration.identity().cores(),
              source));
    }
    return new Plan(calibration, av1, source, ladders);
  }

  private static Costed costed(
      String name,
      LadderConfig config,
      List<String> streams,
      CostModel model,
      int cores,
      TrackFormat.Video source) {
    LadderSettings renditions = ConfiguredPolicy.renditions(config);
    LadderPlan plan = LadderPlan.resolve(renditions.ladder(), source);
    int percent = config.budget().cpuPercent();
    return new Costed(
        name,
        streams,
        renditions,
        plan,
        renditions.watched().rungs(),
        percent,
        cores * percent / 100.0,
        model.ladder(plan),
        left(model, plan, renditions.shedding()));
  }

  private static List<Left> left(CostModel model, LadderPlan plan, Shedding shedding) {
    List<Left> left = new ArrayList<>();
    Set<String> paused = new HashSet<>();
    for (int given = 1; given <= shedding.steps().size(); given++) {
      ShedStep step = shedding.steps().get(given - 1);
      if (step instanceof ShedStep.Pause(String rung)) {
        paused.add(rung);
      }
      left.add(new Left(step, model.ladder(plan, paused, shedding.pace(given)).cores()));
    }
    return left;
  }
}
