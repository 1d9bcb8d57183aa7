package io.millrace.server.budget;

import io.millrace.media.StreamKey;
import io.millrace.server.live.ShedStep;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
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
 * its budget, at two looks in a row. Then one step is taken, and the next one if that was not
 * enough: those that stand first in their ladder's order go first, of all streams, and of equals
 * that of the newest stream.
 *
 * <p>What was given up last comes back first, when there has been no overload for a while and what
 * it freed fits into the budget and into what the machine has left. What has to go again soon after
 * waits longer each time: nothing flaps.
 *
 * <p>Confined to one thread.
 */
final class Governor {
  private static final int LOOKS_OF_OVERLOAD = 2;
  private static final int LOOKS_UNTIL_EXHAUSTED = 4;
  private static final long SETTLE_NS = Duration.ofMillis(750).toNanos();
  private static final long LONGEST_SETTLE_NS = Duration.ofSeconds(4).toNanos();
  private static final long CALM_NS = Duration.ofSeconds(5).toNanos();
  private static final long SOON_NS = Duration.ofMinutes(1).toNanos();
  private static final long FIRST_WAIT_NS = Duration.ofSeconds(20).toNanos();
  private static final long LONGEST_WAIT_NS = Duration.ofMinutes(5).toNanos();

  /** What something took is not exactly what it will take. */
  private static final double MARGIN = 1.1;

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
  private int looksOfOverload;
  private boolean exhausted;
  private @Nullable Long calmSinceNs;
  private @Nullable Long actedNs;

  /** True where nothing is left to give up and it was not enough. */
  boolean isExhausted() {
    return exhausted;
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

  /** Rungs that are given up now. */
  int rungs() {
    return (int) given.stream().filter(one -> one.name.step instanceof ShedStep.Pause).count();
  }

  /** Steps that are given up now. */
  int steps() {
    return given.size();
  }

  /** What to do now; at most one thing. */
  @Nullable Decision look(Look now, long nowNs) {
    forgetEnded(now);
    String overload = overload(now);
    if (overload != null) {
      calmSinceNs = null;
      looksOfOverload++;
      return looksOfOverload >= LOOKS_OF_OVERLOAD && settled(now, nowNs)
          ? giveUp(now, overload, nowNs)
          : null;
    }
    looksOfOverload = 0;
    exhausted = false;
    if (calmSinceNs == null) {
      calmSinceNs = nowNs;
    }
    return nowNs - calmSinceNs >= CALM_NS ? takeBack(now, nowNs) : null;
  }

  private boolean settled(Look now, long nowNs) {
    if (actedNs == null) {
      return true;
    }
    boolean settling = now.streams().stream().anyMatch(Look.Stream::settling);
    return nowNs - actedNs >= (settling ? LONGEST_SETTLE_NS : SETTLE_NS);
  }

  private void forgetEnded(Look now) {
    given.removeIf(one -> find(now, one.name) == null);
    trials.keySet().removeIf(name -> find(now, name) == null);
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
  private static @Nullable String overload(Look now) {
    for (Look.Stream stream : now.streams()) {
      if (!stream.late().isEmpty()) {
        return "the encoder of " + stream.key() + " " + stream.late() + " is late";
      }
    }
    double budget = budget(now);
    return now.usedCores() > budget
        ? String.format(Locale.ROOT, "encoding takes %.2f cores of %.2f", now.usedCores(), budget)
        : null;
  }

  /** The least of those that can give something up. */
  static double budget(Look now) {
    return now.streams().stream()
        .filter(stream -> !stream.steps().isEmpty())
        .mapToDouble(Look.Stream::budgetCores)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private @Nullable Decision giveUp(Look now, String reason, long nowNs) {
    Name next = next(now);
    if (next == null) {
      exhausted = looksOfOverload >= LOOKS_UNTIL_EXHAUSTED;
      return null;
    }
    Look.Step step = find(now, next);
    given.addLast(new Given(next, step == null ? 0 : step.cores()));
    actedNs = nowNs;
    Trial trial = trials.computeIfAbsent(next, _ -> new Trial());
    boolean soon = trial.backNs != Long.MIN_VALUE && nowNs - trial.backNs < SOON_NS;
    trial.waitNs = soon ? Math.clamp(trial.waitNs * 2, FIRST_WAIT_NS, LONGEST_WAIT_NS) : 0;
    trial.notBeforeNs = nowNs + trial.waitNs;
    boolean waits = step != null && step.starting();
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

  private @Nullable Decision takeBack(Look now, long nowNs) {
    Given last = given.peekLast();
    if (last == null) {
      return null;
    }
    Trial trial = trials.computeIfAbsent(last.name, _ -> new Trial());
    double needs = last.cores * MARGIN;
    if (nowNs < trial.notBeforeNs
        || now.usedCores() + needs > budget(now)
        || needs > now.idleCores()) {
      return null;
    }
    given.removeLast();
    trial.backNs = nowNs;
    calmSinceNs = nowNs;
    actedNs = nowNs;
    return new Decision(
        last.name.stream,
        last.name.place,
        last.name.step,
        false,
        false,
        String.format(
            Locale.ROOT, "%.2f cores are free, it takes about %.2f", now.idleCores(), last.cores));
  }
}
