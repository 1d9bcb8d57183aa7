package io.millrace.server.live;

import io.millrace.codec.ladder.RungPace;
import io.millrace.server.config.LadderConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What a stream gives up when the machine cannot do everything.
 *
 * @param cpuPercent of the machine that all encoding may use
 * @param steps what may be given up, the first one first
 * @param named how many of them the operator has named; those behind are the last resort
 */
public record Shedding(int cpuPercent, List<ShedStep> steps, int named) {
  /** Nothing is. */
  public static final Shedding NONE = new Shedding(100, List.of(), 0);

  /** How much faster the word means; each preset is a step of its own. */
  private static final int FASTER_PRESETS = 2;

  public Shedding {
    steps = List.copyOf(steps);
  }

  /**
   * As configured: names of rungs, and the words for what all rungs do, which come last where they
   * are not among them.
   *
   * @param shed where it is empty, nothing is given up
   */
  public static Shedding of(int cpuPercent, List<String> shed) {
    List<ShedStep> steps = new ArrayList<>();
    shed.forEach(word -> add(word, steps));
    int named = steps.size();
    for (String implied : List.of(LadderConfig.Budget.FASTER, LadderConfig.Budget.HALF_RATE)) {
      if (!shed.isEmpty() && !shed.contains(implied)) {
        add(implied, steps);
      }
    }
    return new Shedding(cpuPercent, steps, named);
  }

  private static void add(String word, List<ShedStep> steps) {
    switch (word) {
      case LadderConfig.Budget.FASTER -> {
        for (int i = 0; i < FASTER_PRESETS; i++) {
          steps.add(ShedStep.All.FASTER);
        }
      }
      case LadderConfig.Budget.HALF_RATE -> steps.add(ShedStep.All.HALF_RATE);
      default -> steps.add(new ShedStep.Pause(word));
    }
  }

  /** The pace of the rungs that are left when the first {@code given} steps have been given up. */
  public RungPace pace(int given) {
    List<ShedStep> gone = steps.subList(0, given);
    int faster = (int) gone.stream().filter(step -> step == ShedStep.All.FASTER).count();
    return new RungPace(faster, gone.contains(ShedStep.All.HALF_RATE));
  }
}
