package io.millrace.server.worker;

import io.millrace.codec.ladder.WorkerStats;
import io.millrace.codec.ladder.WorkerStats.State;
import io.millrace.server.worker.Worker.Usage;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** What the workers of one ladder have done and taken. Thread-safe; never waits for anything. */
final class Tally {
  private final EnumMap<EndReason, Long> ends = new EnumMap<>(EndReason.class);
  private State state = State.STARTING;
  private long pid;
  private Usage usage = Usage.NONE;
  private long pastCpuNs;
  private long starts;
  private String lastEnd = "";

  Tally() {
    for (EndReason reason : EndReason.values()) {
      ends.put(reason, 0L);
    }
  }

  synchronized void started(long newPid) {
    starts++;
    pid = newPid;
    state = State.STARTING;
  }

  synchronized void is(State now) {
    state = now;
  }

  synchronized void measured(long ofPid, Usage now) {
    if (pid == ofPid) {
      usage = now;
    }
  }

  /** The worker is gone. */
  synchronized void gone(Usage last) {
    pid = 0;
    pastCpuNs += last.cpuNs();
    usage = Usage.NONE;
  }

  /** And was still wanted. */
  synchronized void ended(EndReason reason, String how) {
    ends.merge(reason, 1L, Long::sum);
    lastEnd = reason.word() + ": " + how;
  }

  synchronized WorkerStats snapshot() {
    Map<String, Long> counted = new HashMap<>();
    ends.forEach((reason, count) -> counted.put(reason.word(), count));
    return new WorkerStats(
        state, pid, pastCpuNs + usage.cpuNs(), usage.rssBytes(), starts, counted, lastEnd);
  }
}
