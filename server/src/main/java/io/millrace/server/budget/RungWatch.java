package io.millrace.server.budget;

import io.millrace.codec.Presets;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungStats;
import io.millrace.server.budget.SpeedGovernor.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What is known of one rung's encoder from look to look. Confined to the looking thread. */
final class RungWatch {
  /** Of a queue of 16 pictures: more than an encoder's start piles up. */
  private static final int LATE_PICTURES = 10;

  /** How much counts of what is measured. */
  private static final double SMOOTHING_SECONDS = 2;

  /** The same for what people are shown; at first it is the mean. */
  private static final double SHOWN_SMOOTHING_SECONDS = 5;

  /** A group of pictures or more: a key frame costs several others. */
  private static final double LEARNING_SECONDS = 2;

  /** Until what is measured is what it will stay. */
  private static final long STEADY_NS = Duration.ofSeconds(6).toNanos();

  /** A preset that the track's format does not allow never comes. */
  private static final long LONGEST_SETTLE_NS = Duration.ofSeconds(4).toNanos();

  /** A rung that is given up goes at the end of its segment; one that never does counts again. */
  private static final long LEAVES_WITHIN_NS = Duration.ofSeconds(15).toNanos();

  private static final List<RungPace> PACES =
      List.of(RungPace.FULL, new RungPace(1, false), new RungPace(2, false), new RungPace(2, true));

  final SpeedGovernor speed;

  /** What it is to have. */
  RungPace pace = RungPace.FULL;

  private RungPace before = RungPace.FULL;
  private long paceChangedNs;
  private long spentNs;
  private long dropped;
  private double cores;
  private double shown;
  private double shownSeconds;
  private double learntCores;
  private double learntSeconds;
  private boolean encoding;
  private boolean given;
  private long givenSinceNs;
  private long encodingSinceNs;
  private CostEstimates.Mean own = new CostEstimates.Mean();
  private boolean begun;
  private boolean late;
  private boolean settling;
  private boolean looked;
  private double realTimeFactor;
  private @Nullable PlannedRung planned;

  RungWatch(long nowNs) {
    this.speed = new SpeedGovernor(nowNs);
    this.encodingSinceNs = nowNs;
    this.paceChangedNs = nowNs - LONGEST_SETTLE_NS;
  }

  /**
   * Measures.
   *
   * @param rung null for sound
   */
  void look(
      RungStats stats,
      @Nullable PlannedRung rung,
      CostEstimates estimates,
      long passedNs,
      long nowNs) {
    if (rung != null && planned != null && !rung.equals(planned)) {
      own = new CostEstimates.Mean(); // it is encoded otherwise
      learntSeconds = 0;
    }
    planned = rung;
    boolean drops = stats.picturesDropped() > dropped;
    late = (drops || stats.queueDepth() >= LATE_PICTURES) && !stats.failed() && !stats.paused();
    dropped = stats.picturesDropped();
    boolean encodes = !stats.paused() && !stats.failed();
    boolean begins = !begun && stats.picturesIn() > 0;
    begun |= begins;
    if (encodes && (begins || !encoding)) {
      encodingSinceNs = nowNs;
      shownSeconds = 0;
    }
    encoding = encodes;
    double seconds = passedNs / 1e9;
    double now = Math.max(0, stats.encodeCpuNs() - spentNs) / (double) Math.max(1, passedNs);
    spentNs = stats.encodeCpuNs();
    boolean settled = settling;
    settling = encodes && !isInEffect(stats) && nowNs - paceChangedNs < LONGEST_SETTLE_NS;
    settled &= !settling;
    if (!encodes) {
      shown = 0;
    } else if (looked) { // of a paused one, what it took stays known
      cores += BudgetService.weight(seconds, SMOOTHING_SECONDS) * (now - cores);
      shownSeconds += seconds;
      double mean = shownSeconds <= 0 ? 1 : seconds / shownSeconds;
      shown +=
          Math.max(BudgetService.weight(seconds, SHOWN_SMOOTHING_SECONDS), mean) * (now - shown);
    }
    if (settled && rung != null && isInEffect(stats)) {
      cores *= estimates.ratio(rung, before, pace); // what was measured was the other pace's
    }
    looked = true;
    realTimeFactor = stats.realTimeFactor();
    if (rung != null && isSteady(nowNs) && !drops && stats.queueDepth() < LATE_PICTURES) {
      learn(rung, estimates, now, seconds);
    } else {
      learntSeconds = 0;
    }
  }

  private void learn(PlannedRung rung, CostEstimates estimates, double now, double seconds) {
    learntCores = learntSeconds <= 0 ? 0 : learntCores;
    learntCores += now * seconds;
    learntSeconds += seconds;
    if (learntSeconds >= LEARNING_SECONDS) {
      estimates.learn(rung, pace, learntCores / learntSeconds, learntSeconds, own);
      learntSeconds = 0;
    }
  }

  /** It is about to be encoded, and nothing is known of its encoder yet. */
  void coming(PlannedRung rung, long nowNs) {
    planned = rung;
    encoding = true;
    encodingSinceNs = nowNs;
  }

  /** Whether its first segment is on its way: before that nobody knows what it is. */
  boolean hasBegun() {
    return begun;
  }

  /** What it has not taken yet of what is expected of it. */
  double comingCores(CostEstimates estimates, boolean expects, long nowNs) {
    // What is smoothed comes late, and a machine that is full would look twice as full.
    double taken = Math.max(cores, shown);
    return isStarting(nowNs) ? Math.max(0, cores(estimates, expects, nowNs) - taken) : 0;
  }

  /** What it takes at this moment. */
  double takenCores() {
    return encoding ? cores : 0;
  }

  /** What it would take beyond what it does, where it is late. */
  double lackingCores(CostEstimates estimates) {
    return late ? Math.max(0, predicted(estimates).orElse(0) - cores) : 0;
  }

  private boolean isInEffect(RungStats stats) {
    PlannedRung rung = planned;
    return rung == null
        || stats.preset().isEmpty()
        || (stats.halfRate() == pace.halfRate()
            && stats
                .preset()
                .equals(Presets.faster(rung.rung().engine(), rung.rung().preset(), pace.faster())));
  }

  private boolean isSteady(long nowNs) {
    return encoding
        && !settling
        && nowNs - encodingSinceNs >= STEADY_NS
        && nowNs - paceChangedNs >= STEADY_NS;
  }

  boolean isEncoding() {
    return encoding;
  }

  /** Has it given up, or taken back. */
  void setGiven(boolean now, long nowNs) {
    if (now && !given) {
      givenSinceNs = nowNs;
    }
    given = now;
  }

  /** Whether it is given up and encodes to the end of its segment. */
  boolean isLeaving(long nowNs) {
    return given && encoding && nowNs - givenSinceNs < LEAVES_WITHIN_NS;
  }

  /**
   * Whether pictures are left out or pile up, and it is not to be made faster by itself.
   *
   * @param spare whether there is a core for a single encoder
   */
  boolean isLate(boolean spare, CostEstimates estimates, long nowNs) {
    return late && !(spare && speed.canHelp(levels(estimates), realTimeFactor, nowNs));
  }

  boolean isSettling() {
    return settling;
  }

  /** Whether what it takes is expected more than measured. */
  boolean isStarting(long nowNs) {
    return encoding && nowNs - encodingSinceNs < STEADY_NS;
  }

  /**
   * What it takes, in cores; of one that is not encoded what it took, or is expected to take.
   *
   * @param expects whether what is expected counts while too little has been measured
   */
  double cores(CostEstimates estimates, boolean expects, long nowNs) {
    PlannedRung rung = planned;
    if (rung == null) {
      return cores;
    }
    if (settling) {
      return cores * estimates.ratio(rung, before, pace);
    }
    boolean early = nowNs - encodingSinceNs < STEADY_NS;
    return expects && early ? Math.max(cores, predicted(estimates).orElse(0)) : cores;
  }

  /** At the pace that it is to have; empty without a calibration. */
  OptionalDouble predicted(CostEstimates estimates) {
    PlannedRung rung = planned;
    return rung == null ? OptionalDouble.empty() : estimates.own(rung, pace, own);
  }

  CpuUse shown(CostEstimates estimates) {
    return new CpuUse(shown, predicted(estimates));
  }

  /** What {@code step} would leave of what it takes now: 1 is all. */
  double left(RungPace step, CostEstimates estimates) {
    PlannedRung rung = planned;
    RungPace then = pace.and(step);
    boolean same = presetOf(then).equals(presetOf(pace)) && then.halfRate() == pace.halfRate();
    return rung == null || same ? 1 : estimates.ratio(rung, pace, then);
  }

  private String presetOf(RungPace at) {
    PlannedRung rung = planned;
    return rung == null
        ? ""
        : Presets.faster(rung.rung().engine(), rung.rung().preset(), at.faster());
  }

  /** The paces that make a difference to it, with what they cost. */
  List<Level> levels(CostEstimates estimates) {
    PlannedRung rung = planned;
    List<Level> levels = new ArrayList<>(List.of(new Level(RungPace.FULL, 1)));
    if (rung == null) {
      return levels;
    }
    for (RungPace next : PACES) {
      RungPace last = levels.getLast().pace();
      if (next.halfRate() != last.halfRate() || !presetOf(next).equals(presetOf(last))) {
        levels.add(new Level(next, estimates.ratio(rung, RungPace.FULL, next)));
      }
    }
    return levels;
  }

  /** Returns true where this changes anything. */
  boolean setPace(RungPace wanted, long nowNs) {
    if (wanted.equals(pace)) {
      return false;
    }
    before = pace;
    pace = wanted;
    paceChangedNs = nowNs;
    return true;
  }
}
