package io.millrace.server.live;

import java.time.Duration;
import java.util.Set;

/**
 * Rungs that are encoded only while somebody watches them.
 *
 * @param rungs their names
 * @param idleAfter how long after the last request they are encoded
 */
public record Watched(Set<String> rungs, Duration idleAfter) {
  /** Every rung is always encoded. */
  public static final Watched NONE = new Watched(Set.of(), Duration.ofSeconds(30));

  public Watched {
    rungs = Set.copyOf(rungs);
  }
}
