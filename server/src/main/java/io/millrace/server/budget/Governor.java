package io.millrace.server.budget;

import io.millrace.media.StreamKey;
import io.millrace.server.live.ShedStep;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is given up under overload, and when it comes back: rungs, presets, frame rates.
 *
 * <p>Overload is an encoder that is late, or encoding that takes, or is expected to take, more than
 * its budget or more than the machine has left, at two looks in a row. Then as many rungs go as
 * take what is too much, or what late ones lack, or one where that is not known, and with a full
 * machine all that have just begun; more a moment later if that was not enough, with a full machine
 * at least twice as many rungs each time. Presets go one step at a time, of as many streams as it
 * takes, and frame rates of one stream at a time. Those that stand first in their ladder's order go
 * first, of all streams, and of equals that of the newest stream. A decoder that is late with a
 * stream that has just begun costs rungs, and no presets: it makes up when those have gone.
 *
 * <p>What was given up last comes back first, when there has been no overload for a while, or for a
 * moment where a stream has just left: as much as fits into the budget and into what the machine
 * has left. What has to go again soon after waits longer each time, unless a stream leaves
 * meanwhile: nothing flaps.
 *
 * <p>Confined to one thread.
 */
final class Governor {
  private static final int LOOKS_OF_OVERLOAD = 2;
  private static final int LOOKS_UNTIL_EXHAUSTED = 8;
  private static final long SETTLE_NS = Duration.ofMillis(750).toNanos();
  private static final long LONGEST_SETTLE_NS = Duration.ofSeconds(4).toNanos();
  private static final long CALM_NS = Duration.ofSeconds(5).toNanos();

  /** Overload that comes back sooner is the same one. */
  private static final long OVER_NS = Duration.ofSeconds(1).toNanos();

  /** In one overload no more rungs than 2 to the power of this go at once unless they have to. */
  private static final int MOST_DOUBLED = 3;

  /** The same when load has left, which is known and not guessed. */
  private static final long CALM_AFTER_LEAVING_NS = Duration.ofMillis(1_500).toNanos();

  private static final long LEFT_JUST_NOW_NS = Duration.ofSeconds(20).toNanos();
  private static final long SOON_NS = Duration.ofMinutes(1).toNanos();
  private static final long FIRST_WAIT_NS = Duration.ofSeconds(20).toNanos();
  private static final long LONGEST_WAIT_NS = Duration.ofMinutes(5).toNanos();

  /** What something took is not exactly what it will take. */
  private static final double MARGIN = 1.1;

  /** What takes less has not been measured yet, and is not expected to take anything either. */
  private static final double UNKNOWN_CORES = 0.001;

  /** Of what the machine has left nothing of this is taken back into. */
  private static final double RESERVE_CORES = 0.1;

  /** What is expected is not known to less. */
  private static final double CLEARLY_CORES = 0.05;

  /** With less left the machine is full, and what has just begun is what is too much. */
  private static final double SPARE_CORES = 0.25;

  private record Name(StreamKey stream, int place, ShedStep step) {}

  /** A step that was given up. */
  private record Given(Name name, double cores) {}

  /** What became of a step that was taken back. */
  private static final class Trial {
    private long backNs = Long.MIN_VALUE;
    private long waitNs;
    private long notBeforeNs = Long.MIN_VALUE;
  }

  private final Deque<Given> given = new ArrayDeque<>();
  private final Map<Name, Trial> trials = new HashMap<>();
  private Set<StreamKey> streams = Set.of();
  private Set<StreamKey> waiting = Set.of();
  private int looksOfOverload;

  /** How often something was given up in this overload. */
  private int rounds;

  private boolean exhausted;
  private boolean crowded;
  private @Nullable Long calmSinceNs;
  private @Nullable Long leftNs;
  private @Nullable Long actedNs;

  /** True where nothing is left to give up and it was not enough. */
  boolean isExhausted() {
    return exhausted;
  }

  /**
   * True where there is overload though no rung is left to give up: what may not be given up is too
   * much, and presets and frame rates have to make room for it.
   */
  boolean isCrowded() {
    return crowded;
  }

  /** The places of what {@code stream} has given up. */
  Set<Integer> given(StreamKey stream) {
    Set<Integer> places = new TreeSet<>();
    for (Given one : given) {
      if (one.name.stream.equals(stream)) {
        places.add(one.name.place);
      }
    }
    return places;
  }

  /** Rungs that are given up now, of streams that have their publishers. */
  int rungs() {
    return (int)
        given.stream()
            .filter(one -> one.name.step instanceof ShedStep.Pause && isThere(one.name))
            .count();
  }

  /** Steps that are given up now, of streams that have their publishers. */
  int steps() {
    return (int) given.stream().filter(one -> isThere(one.name)).count();
  }

  private boolean isThere(Name name) {
    return !waiting.contains(name.stream);
  }

  /** What to do now, in this order. */
  List<Decision> look(Look now, long nowNs) {
    forgetEnded(now, nowNs);
    String overload = overload(now);
    if (overload != null) {
      calmSinceNs = null;
      looksOfOverload++;
      Name next = next(now);
      crowded =
          looksOfOverload >= LOOKS_UNTIL_EXHAUSTED
              && !now.streams().isEmpty()
              && (next == null || !(next.step instanceof ShedStep.Pause));
      return looksOfOverload >= LOOKS_OF_OVERLOAD && settled(now, nowNs)
          ? giveUp(now, overload, nowNs)
          : List.of();
    }
    looksOfOverload = 0;
    exhausted = false;
    crowded = false;
    if (calmSinceNs == null) {
      calmSinceNs = nowNs;
    }
    if (nowNs - calmSinceNs >= OVER_NS) {
      rounds = 0;
    }
    boolean justLeft = leftNs != null && nowNs - leftNs < LEFT_JUST_NOW_NS;
    long calmNs = justLeft ? CALM_AFTER_LEAVING_NS : CALM_NS;
    return nowNs - calmSinceNs >= calmNs ? takeBack(now, nowNs) : List.of();
  }

  /**
   * What rungs take that are on their way out is counted out at once; whether the others are in
   * time shows when those have gone, and what presets bring when they have come.
   */
  private boolean settled(Look now, long nowNs) {
    if (actedNs == null) {
      return true;
    }
    Name next = next(now);
    boolean counted = tooMuch(now) > 0 && next != null && next.step instanceof ShedStep.Pause;
    boolean settling = !counted && now.streams().stream().anyMatch(Look.Stream::settling);
    return nowNs - actedNs >= (settling ? LONGEST_SETTLE_NS : SETTLE_NS);
  }

  private void forgetEnded(Look now, long nowNs) {
    waiting = now.waiting();
    given.removeIf(one -> isThere(one.name) && find(now, one.name) == null);
    trials.keySet().removeIf(name -> isThere(name) && find(now, name) == null);
    Set<StreamKey> keys = new HashSet<>();
    now.streams().forEach(stream -> keys.add(stream.key()));
    if (!keys.containsAll(streams)) {
      // Load has left: what failed with it may do well without.
      trials.values().forEach(trial -> trial.notBeforeNs = Long.MIN_VALUE);
      leftNs = nowNs;
    }
    streams = keys;
  }

  /** Null where its stream has ended, or has another ladder. */
  private static Look.@Nullable Step find(Look now, Name name) {
    for (Look.Stream stream : now.streams()) {
      if (stream.key().equals(name.stream) && name.place < stream.steps().size()) {
        Look.Step step = stream.steps().get(name.place);
        return step.step().equals(name.step) ? step : null;
      }
    }
    return null;
  }

  /** Why there is one, or null. */
  private @Nullable String overload(Look now) {
    boolean rungs = now.streams().stream().anyMatch(this::hasRungs);
    for (Look.Stream stream : now.streams()) {
      if (!stream.late().isEmpty() && (rungs || !stream.beginning())) {
        return stream.late() + " of " + stream.key() + " is late";
      }
    }
    double budget = budget(now);
    if (now.usedCores() > budget) {
      return String.format(
          Locale.ROOT, "encoding takes %.2f cores of %.2f", now.usedCores(), budget);
    }
    return isTooFull(now)
        ? String.format(
            Locale.ROOT,
            "%.2f cores more are expected to be taken, and %.2f are free",
            now.comingCores(),
            now.idleCores())
        : null;
  }

  /** Whether it has a rung left to give up. */
  private boolean hasRungs(Look.Stream stream) {
    Set<Integer> gone = given(stream.key());
    for (int place = 0; place < stream.steps().size(); place++) {
      Look.Step step = stream.steps().get(place);
      if (step.step() instanceof ShedStep.Pause && step.cores() > 0 && !gone.contains(place)) {
        return true;
      }
    }
    return false;
  }

  /**
   * What is expected is for what may be left out altogether. With one stream alone there is nothing
   * to compare: its encoders start.
   */
  private boolean isTooFull(Look now) {
    Name next = next(now);
    return now.streams().size() > 1
        && now.comingCores() > now.idleCores() + CLEARLY_CORES
        && next != null
        && next.step instanceof ShedStep.Pause;
  }

  /** What is known to be too much, in cores; 0 or less where that is nothing. */
  private double tooMuch(Look now) {
    double over = now.usedCores() - budget(now);
    return isTooFull(now) ? Math.max(over, now.comingCores() - now.idleCores()) : over;
  }

  /** The least of those that can give something up. */
  static double budget(Look now) {
    return now.streams().stream()
        .filter(stream -> !stream.steps().isEmpty())
        .mapToDouble(Look.Stream::budgetCores)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private List<Decision> giveUp(Look now, String reason, long nowNs) {
    List<Decision> decisions = new ArrayList<>();
    boolean full = now.idleCores() < SPARE_CORES && now.streams().size() > 1;
    double tooMuch = Math.max(tooMuch(now), now.lackingCores());
    int atLeast = full ? 1 << Math.min(rounds, MOST_DOUBLED) : 1;
    boolean known = true;
    int firstPlace = -1;
    while (true) {
      Name next = next(now);
      if (next == null) {
        exhausted = decisions.isEmpty() && looksOfOverload >= LOOKS_UNTIL_EXHAUSTED;
        return decisions;
      }
      Look.Step step = find(now, next);
      double cores = step == null ? 0 : step.cores();
      boolean starting = step != null && step.starting();
      boolean pause = next.step instanceof ShedStep.Pause;
      boolean together =
          (tooMuch > 0 && known) || (full && starting) || (pause && decisions.size() < atLeast);
      boolean alike = pause || (next.step == ShedStep.All.FASTER && next.place == firstPlace);
      if (!decisions.isEmpty() && !(alike && together)) {
        return decisions;
      }
      if (decisions.isEmpty()) {
        firstPlace = next.place;
        rounds++;
      }
      decisions.add(giveUp(next, cores, starting, reason, nowNs));
      tooMuch -= cores;
      known = cores > UNKNOWN_CORES && next.step != ShedStep.All.HALF_RATE;
    }
  }

  private Decision giveUp(Name next, double cores, boolean waits, String reason, long nowNs) {
    given.addLast(new Given(next, cores));
    actedNs = nowNs;
    Trial trial = trials.computeIfAbsent(next, _ -> new Trial());
    boolean soon = trial.backNs != Long.MIN_VALUE && nowNs - trial.backNs < SOON_NS;
    trial.waitNs = soon ? Math.clamp(trial.waitNs * 2, FIRST_WAIT_NS, LONGEST_WAIT_NS) : 0;
    trial.notBeforeNs = nowNs + trial.waitNs;
    return new Decision(next.stream, next.place, next.step, true, waits, reason);
  }

  private @Nullable Name next(Look now) {
    int longest = now.streams().stream().mapToInt(stream -> stream.steps().size()).max().orElse(0);
    for (int place = 0; place < longest; place++) {
      List<Look.Stream> newestFirst = new ArrayList<>(now.streams()).reversed();
      for (Look.Stream stream : newestFirst) {
        if (place < stream.steps().size()
            && stream.steps().get(place).cores() > 0
            && !given(stream.key()).contains(place)) {
          return new Name(stream.key(), place, stream.steps().get(place).step());
        }
      }
    }
    return null;
  }

  private List<Decision> takeBack(Look now, long nowNs) {
    List<Decision> decisions = new ArrayList<>();
    double used = now.usedCores();
    double idle = now.idleCores() - Math.max(0, now.comingCores()) - RESERVE_CORES;
    boolean more = true;
    while (more) {
      Given last = last();
      if (last == null) {
        break;
      }
      Trial trial = trials.computeIfAbsent(last.name, _ -> new Trial());
      double needs = last.cores * MARGIN;
      if (nowNs < trial.notBeforeNs || used + needs > budget(now) || needs > idle) {
        break;
      }
      given.removeLastOccurrence(last);
      trial.backNs = nowNs;
      calmSinceNs = nowNs;
      actedNs = nowNs;
      decisions.add(
          new Decision(
              last.name.stream,
              last.name.place,
              last.name.step,
              false,
              false,
              String.format(
                  Locale.ROOT,
                  "%.2f cores are free, it takes about %.2f",
                  idle + RESERVE_CORES,
                  last.cores)));
      used += needs;
      idle -= needs;
      more = last.cores > UNKNOWN_CORES;
    }
    return decisions;
  }

  /** What was given up last, of streams that have their publishers. */
  private @Nullable Given last() {
    Iterator<Given> newestFirst = given.descendingIterator();
    while (newestFirst.hasNext()) {
      Given one = newestFirst.next();
      if (isThere(one.name)) {
        return one;
      }
    }
    return null;
  }
}
