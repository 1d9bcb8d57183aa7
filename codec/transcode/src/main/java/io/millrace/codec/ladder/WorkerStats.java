package io.millrace.codec.ladder;

import java.util.Map;

/**
 * The process that encodes a stream, and those before it; a snapshot.
 *
 * @param state what it is doing
 * @param pid 0 where there is none
 * @param cpuNs CPU time of this one and of all before it
 * @param rssBytes resident memory; 0 where there is none
 * @param starts processes started
 * @param restarts ends that were not asked for, by reason; every reason is a key
 * @param reason why the last one ended, for people; empty before
 */
public record WorkerStats(
    State state,
    long pid,
    long cpuNs,
    long rssBytes,
    long starts,
    Map<String, Long> restarts,
    String reason) {

  /** What it is doing. */
  public enum State {
    /** Its process is being started. */
    STARTING,
    /** It takes what comes. */
    RUNNING,
    /** It has failed too often; another is started later. */
    PAUSED,
    /** The stream is over. */
    CLOSED
  }

  public WorkerStats {
    restarts = Map.copyOf(restarts);
  }
}
