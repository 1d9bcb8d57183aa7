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
  /** Weight of the newest look at a rung: about fifteen seconds count. */
  private static final double LEARNING = 0.03;

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
  private final Map<Kind, Double> factors = new HashMap<>();

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
        : OptionalDouble.of(calibrated.getAsDouble() * factors.getOrDefault(Kind.of(planned), 1.0));
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
    return cost.decodeCores() + cost.scaleCores() + cost.soundCores() + rungs;
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
   * A rung has taken {@code cores} for a while.
   *
   * @param own the rung's own factor so far; below 0 where there is none
   * @return the rung's own factor now, by which its calibrated cost is to be multiplied
   */
  synchronized double learn(PlannedRung planned, RungPace pace, double cores, double own) {
    OptionalDouble calibrated = calibrated(planned, pace);
    if (calibrated.isEmpty() || calibrated.getAsDouble() <= 0 || cores <= 0) {
      return own;
    }
    double seen = Math.min(cores / calibrated.getAsDouble(), MOST);
    Kind kind = Kind.of(planned);
    Double known = factors.get(kind);
    factors.put(kind, known == null ? seen : known + LEARNING * (seen - known));
    return own < 0 ? seen : own + LEARNING * (seen - own);
  }

  /** What a rung with a factor of its own is expected to take. */
  OptionalDouble own(PlannedRung planned, RungPace pace, double own) {
    OptionalDouble calibrated = calibrated(planned, pace);
    return own < 0 || calibrated.isEmpty()
        ? cores(planned, pace)
        : OptionalDouble.of(calibrated.getAsDouble() * own);
  }
}
