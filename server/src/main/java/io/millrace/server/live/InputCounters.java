package io.millrace.server.live;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What has happened at a stream's inputs.
 *
 * @param onAirSession the session on air; null when none is
 * @param onAirRole its role; the last one's when none is
 * @param switches changes from one source to another
 * @param lastReason why the newest change was made; empty before the first
 * @param signalLosses how often a filler was asked for
 * @param filled how long fillers have been shown
 */
public record InputCounters(
    @Nullable String onAirSession,
    InputRole onAirRole,
    long switches,
    String lastReason,
    long signalLosses,
    Duration filled) {
  static final InputCounters NONE =
      new InputCounters(null, InputRole.MAIN, 0, "", 0, Duration.ZERO);

  InputCounters tookOver(String session, InputRole role, String reason, boolean change) {
    return new InputCounters(
        session, role, switches + (change ? 1 : 0), change ? reason : "", signalLosses, filled);
  }

  InputCounters left(String session) {
    return session.equals(onAirSession)
        ? new InputCounters(null, onAirRole, switches, lastReason, signalLosses, filled)
        : this;
  }

  InputCounters lost() {
    return new InputCounters(
        onAirSession, onAirRole, switches, lastReason, signalLosses + 1, filled);
  }

  InputCounters filled(long nanos) {
    return new InputCounters(
        onAirSession, onAirRole, switches, lastReason, signalLosses, filled.plusNanos(nanos));
  }
}
