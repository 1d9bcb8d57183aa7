package io.millrace.server.config;

import java.time.Duration;

/**
 * When a stream with two inputs changes from one to the other.
 *
 * @param after an input whose picture or sound has been missing for so long is lost
 * @param returnAfter the main input is taken back when it has been whole for so long; zero: never,
 *     while the backup is whole
 * @param frozen a picture that stands still for so long is a fault; zero: never
 * @param black a black picture for so long is a fault; zero: never
 * @param silent silence for so long is a fault; zero: never
 */
public record Failover(
    Duration after, Duration returnAfter, Duration frozen, Duration black, Duration silent) {
  public static final Failover DEFAULT =
      new Failover(
          Duration.ofMillis(300),
          Duration.ofSeconds(10),
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO);

  /** True when pictures or sound have to be looked at. */
  public boolean monitors() {
    return !frozen.isZero() || !black.isZero() || !silent.isZero();
  }
}
