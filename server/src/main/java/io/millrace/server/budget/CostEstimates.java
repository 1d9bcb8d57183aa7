package io.millrace.server.budget;

import io.millrace.codec.Profile;
import io.millrace.codec.cost.CostModel;
import io.millrace.codec.cost.LadderCost;
import io.millrace.codec.cost.RungCost;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungPace;
import io.millrace.media.VideoCodec;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What rungs are expected to take: the machine's calibration, refined by what rungs like them have
 * really taken since the server was started. Without a calibration nothing is expected.
 * Thread-safe.
 */
final class CostEstimates {
  /** A mean over this long, from which older scenes fade: longer than most of them. */
  private static final double REMEMBERS_SECONDS = 60;

  /** What is measured beyond this is no rung like the calibrated one. */
  private static final double MOST = 8;

  private static final double HALF_RATE = 0.55;

  /** Rungs that cost the same, but for their pictures. */
  private record Kind(VideoCodec codec, Profile profile, int heightPx) {
    static Kind of(PlannedRung planned) {
      return new Kind(
          planned.rung().codec(),
          planned.rung().profile(),
          Math.min(planned.width(), planned.height()));
    }
  }

  private final @Nullable CostModel model;
  private final Map<Kind, Mean> factors = new HashMap<>();

  /** By the height of sources; for all that a worker does but encode. */
  private final Map<Integer, Mean> sourceFactors = new HashMap<>();

  /** Of factors, which are what something takes beside what it was calibrated to. */
  static final class Mean {
    private double value = 1;
    private double seconds;

    private void add(double seen, double forSeconds) {
      seconds = Math.min(REMEMBERS_SECONDS, seconds + forSeconds);
      value += Math.min(1, forSeconds / seconds) * (Math.min(seen, MOST) - value);
    }

    boolean isEmpty() {
      return seconds == 0;
    }
  }

  /**
   * @param model null without a calibration
   */
  CostEstimates(@Nullable CostModel model) {
    this.model = model;
  }

  boolean isCalibrated() {
    return model != null;
  }

  /** As calibrated, whatever has been learnt since. */
  private OptionalDouble calibrated(PlannedRung planned, RungPace pace) {
    return model == null ? OptionalDouble.empty() : model.cores(planned, pace);
  }

  /** What a rung like this takes, in cores. */
  synchronized OptionalDouble cores(PlannedRung planned, RungPace pace) {
    OptionalDouble calibrated = calibrated(planned, pace);
    return calibrated.isEmpty()
        ? calibrated
        : OptionalDouble.of(calibrated.getAsDouble() * factorOf(planned));
  }

  private double factorOf(PlannedRung planned) {
    Mean known = factors.get(Kind.of(planned));
    return known == null ? 1 : known.value;
  }

  /** What all of a ladder takes that is not paused. */
  double cores(LadderPlan plan, Set<String> paused, RungPace pace) {
    if (model == null) {
      return 0;
    }
    LadderCost cost = model.ladder(plan, paused, pace);
    double rungs = 0;
    for (RungCost rung : cost.rungs()) {
      if (!paused.contains(rung.rung().rung().name())) {
        rungs += cores(rung.rung(), pace).orElse(0);
      }
    }
    return source(cost, plan) + rungs;
  }

  /** What a stream takes beside its encoders; 0 where that is not known. */
  double source(LadderPlan plan, Set<String> paused, RungPace pace) {
    return model == null ? 0 : source(model.ladder(plan, paused, pace), plan);
  }

  private synchronized double source(LadderCost cost, LadderPlan plan) {
    Mean known = sourceFactors.get(plan.source().height());
    return calibrated(cost) * (known == null ? 1 : known.value);
  }

  private static double calibrated(LadderCost cost) {
    return cost.decodeCores() + cost.scaleCores() + cost.soundCores();
  }

  /**
   * A stream has taken {@code cores} beside its encoders for so long.
   *
   * @param own what is known of this very stream
   */
  synchronized void learnSource(
      LadderPlan plan, Set<String> paused, RungPace pace, double cores, double seconds, Mean own) {
    double calibrated = model == null ? 0 : calibrated(model.ladder(plan, paused, pace));
    if (calibrated > 0) {
      sourceFactors
          .computeIfAbsent(plan.source().height(), _ -> new Mean())
          .add(cores / calibrated, seconds);
      own.add(cores / calibrated, seconds);
    }
  }

  /** What a stream is expected to take beside its encoders of which {@code own} is known. */
  double ownSource(LadderPlan plan, Set<String> paused, RungPace pace, Mean own) {
    return model == null || own.isEmpty()
        ? source(plan, paused, pace)
        : calibrated(model.ladder(plan, paused, pace)) * own.value;
  }

  /** What a rung takes at one pace beside what it takes at another. */
  double ratio(PlannedRung planned, RungPace from, RungPace to) {
    OptionalDouble before = calibrated(planned, from);
    OptionalDouble after = calibrated(planned, to);
    if (before.isPresent() && after.isPresent() && before.getAsDouble() > 0) {
      return after.getAsDouble() / before.getAsDouble();
    }
    double rate = from.halfRate() == to.halfRate() ? 1 : to.halfRate() ? HALF_RATE : 1 / HALF_RATE;
    return rate * CostModel.usualRatio(planned.rung(), from, to);
  }

  /**
   * A rung has taken {@code cores} for so long.
   *
   * @param own what is known of this very rung
   */
  synchronized void learn(
      PlannedRung planned, RungPace pace, double cores, double seconds, Mean own) {
    OptionalDouble calibrated = calibrated(planned, pace);
    if (calibrated.isPresent() && calibrated.getAsDouble() > 0 && cores > 0) {
      double seen = cores / calibrated.getAsDouble();
      factors.computeIfAbsent(Kind.of(planned), _ -> new Mean()).add(seen, seconds);
      own.add(seen, seconds);
    }
  }

  /** What a rung is expected to take of which {@code own} is known. */
  OptionalDouble own(PlannedRung planned, RungPace pace, Mean own) {
    OptionalDouble calibrated = calibrated(planned, pace);
    return own.isEmpty() || calibrated.isEmpty()
        ? cores(planned, pace)
        : OptionalDouble.of(calibrated.getAsDouble() * own.value);
  }
}
