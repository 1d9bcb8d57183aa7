package io.millrace.server.live;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Has a rung encoded unless there is a reason against it. Thread-safe. */
final class RungSwitch {
  /** Why a rung is not encoded. */
  enum Reason {
    /** Nobody watches it. */
    UNWATCHED,
    /** The machine cannot. */
    SHED
  }

  private final Map<String, EnumSet<Reason>> against = new HashMap<>();
  private final BiConsumer<String, Boolean> want;

  /**
   * @param want has a rung encoded or not, from its next segment on; any thread
   */
  RungSwitch(BiConsumer<String, Boolean> want) {
    this.want = want;
  }

  synchronized void set(String rung, Reason reason, boolean applies) {
    EnumSet<Reason> reasons = against.computeIfAbsent(rung, _ -> EnumSet.noneOf(Reason.class));
    boolean changed = applies ? reasons.add(reason) : reasons.remove(reason);
    if (changed) {
      want.accept(rung, reasons.isEmpty());
    }
  }

  /** The rung is not in the ladder any more, or another one of its name is to come. */
  synchronized void forget(String rung) {
    against.remove(rung);
  }

  synchronized boolean isOff(String rung, Reason reason) {
    EnumSet<Reason> reasons = against.get(rung);
    return reasons != null && reasons.contains(reason);
  }
}
