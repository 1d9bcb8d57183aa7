package io.millrace.server.budget;

import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a stream takes beside its encoders: decoding and scaling, and where it has a process of its
 * own, all else that this does. Confined to the looking thread.
 */
final class SourceWatch {
  private static final double SMOOTHING_SECONDS = 2;
  private static final double LEARNING_SECONDS = 2;

  /** A process that has just begun loads and compiles. */
  private static final long STEADY_NS = Duration.ofSeconds(6).toNanos();

  /** Half a second of pictures and sound. */
  private static final int LATE_SAMPLES = 40;

  /** What piles up is made up within some seconds where it falls by so much, beside what comes. */
  private static final double MADE_UP_SAMPLES_A_SECOND = 40;

  /** Until the queues of encoders are what they were. */
  private static final long MADE_UP_NS = Duration.ofSeconds(2).toNanos();

  private long waiting;
  private boolean late;
  private boolean everLate;
  private long lateNs;
  private long spentNs = -1;
  private long encodersNs;
  private double cores;
  private long decodingSinceNs;
  private boolean decoding;
  private Set<String> off = Set.of();
  private final CostEstimates.Mean own = new CostEstimates.Mean();
  private double learntCores;
  private double learntSeconds;

  SourceWatch(long nowNs) {
    this.decodingSinceNs = nowNs;
  }

  /**
   * Measures.
   *
   * @param workerCpuNs below 0 where it has no process of its own
   * @param nowOff rungs that are not encoded
   */
  void look(
      TranscoderStats stats,
      long workerCpuNs,
      @Nullable LadderPlan plan,
      Set<String> nowOff,
      CostEstimates estimates,
      long passedNs,
      long nowNs) {
    double seconds = passedNs / 1e9;
    double madeUp = waiting - stats.samplesWaiting();
    waiting = stats.samplesWaiting();
    late = waiting >= LATE_SAMPLES && madeUp < MADE_UP_SAMPLES_A_SECOND * seconds;
    if (waiting >= LATE_SAMPLES) {
      everLate = true;
      lateNs = nowNs;
    }
    long encodersBeforeNs = encodersNs;
    encodersNs = stats.rungs().stream().mapToLong(RungStats::encodeCpuNs).sum();
    long totalNs = workerCpuNs < 0 ? stats.decodeNs() + stats.scaleNs() : workerCpuNs - encodersNs;
    boolean same = spentNs >= 0 && encodersNs >= encodersBeforeNs; // else it is another worker
    if (!decoding && stats.picturesDecoded() > 0) {
      decoding = true;
      decodingSinceNs = nowNs;
    }
    if (same && seconds > 0) {
      // The two are read at different moments, so it may go back for one.
      double now = (totalNs - spentNs) / 1e9 / seconds;
      cores += BudgetService.weight(seconds, SMOOTHING_SECONDS) * (now - cores);
      learn(plan, nowOff, estimates, now, seconds, nowNs);
    }
    spentNs = totalNs;
  }

  private void learn(
      @Nullable LadderPlan plan,
      Set<String> nowOff,
      CostEstimates estimates,
      double now,
      double seconds,
      long nowNs) {
    if (plan == null || isStarting(nowNs) || !nowOff.equals(off)) {
      off = Set.copyOf(nowOff);
      learntCores = 0;
      learntSeconds = 0;
      return;
    }
    learntCores += now * seconds;
    learntSeconds += seconds;
    if (learntSeconds >= LEARNING_SECONDS) {
      double mean = Math.max(0, learntCores / learntSeconds);
      estimates.learnSource(plan, nowOff, RungPace.FULL, mean, learntSeconds, own);
      learntCores = 0;
      learntSeconds = 0;
    }
  }

  /** Whether what is to be decoded has piled up, and is not being made up. */
  boolean isLate() {
    return late;
  }

  /** What it would take beyond what it does, where it is late. */
  double lackingCores(@Nullable LadderPlan plan, Set<String> nowOff, CostEstimates estimates) {
    return late && plan != null
        ? Math.max(0, estimates.ownSource(plan, nowOff, RungPace.FULL, own) - Math.max(0, cores))
        : 0;
  }

  /** Whether it does, or did a moment ago. */
  boolean wasLate(long nowNs) {
    return everLate && nowNs - lateNs < MADE_UP_NS;
  }

  CpuUse shown(@Nullable LadderPlan plan, Set<String> nowOff, CostEstimates estimates) {
    return new CpuUse(
        Math.max(0, cores),
        plan == null || !estimates.isCalibrated()
            ? OptionalDouble.empty()
            : OptionalDouble.of(estimates.ownSource(plan, nowOff, RungPace.FULL, own)));
  }

  /** Whether it has just begun to decode. */
  boolean isStarting(long nowNs) {
    return nowNs - decodingSinceNs < STEADY_NS;
  }

  /** What it takes, or is expected to take while too little has been measured. */
  double cores(@Nullable LadderPlan plan, Set<String> nowOff, CostEstimates estimates, long nowNs) {
    double measured = Math.max(0, cores);
    return plan == null || !isStarting(nowNs)
        ? measured
        : Math.max(measured, estimates.source(plan, nowOff, RungPace.FULL));
  }

  /** What it has not taken yet of that. */
  double comingCores(
      @Nullable LadderPlan plan, Set<String> nowOff, CostEstimates estimates, long nowNs) {
    return cores(plan, nowOff, estimates, nowNs) - Math.max(0, cores);
  }
}
