package io.millrace.transport.srt.flow;

/**
 * Turns the peer's 32-bit timestamps into times of the own clock: timestamp-based packet delivery
 * (draft-sharabayko-srt-01 §4.5). A packet is due at
 *
 * <pre>  base + timestamp + latency + drift</pre>
 *
 * <p>Timestamps wrap every 71.6 minutes. They are unwrapped against the one that a packet sent just
 * now would have, so neither reordering around the wrap nor an hour of silence does harm. One that
 * lies too far from it comes from a broken or hostile clock, and would hold up everything behind
 * it: its packet counts as sent just now. If that goes on, the peer's clock has jumped, and the
 * base is set anew.
 */
final class TsbpdClock {
  /** Drift between two corrections, and a handshake that was held up on its way. */
  private static final long EARLY_US = 2_000_000;

  /** Beyond the latency: queues on the way, and a network that was gone for a while. */
  private static final long LATE_US = 10_000_000;

  private static final int JUMP_PACKETS = 64;

  private final long latencyUs;
  private final DriftTracer tracer = new DriftTracer();

  private long baseUs;
  private int insane;
  private boolean hasReferenceRtt;
  private long referenceRttUs;

  /**
   * @param baseUs own time of the peer's timestamp 0
   */
  TsbpdClock(long baseUs, long latencyUs) {
    this.baseUs = baseUs;
    this.latencyUs = latencyUs;
  }

  /**
   * Takes the timestamp of a packet that arrived.
   *
   * @param timestampUs as on the wire, 0 to 2^32 − 1
   * @return without wraps, for {@link #sourceTimeUs} and {@link #dueUs}
   */
  long arrived(long timestampUs, long nowUs) {
    long unwrappedUs = unwrap(timestampUs, nowUs);
    if (isSane(unwrappedUs, nowUs)) {
      insane = 0;
      return unwrappedUs;
    }
    if (++insane >= JUMP_PACKETS) {
      insane = 0;
      tracer.reset();
      hasReferenceRtt = false;
      baseUs = nowUs - unwrappedUs;
      return unwrappedUs;
    }
    return nowUs - baseUs - tracer.driftUs();
  }

  /** The own time at which a packet was sent, if the way of the handshake counts as none. */
  long sourceTimeUs(long unwrappedUs) {
    return baseUs + unwrappedUs + tracer.driftUs();
  }

  long dueUs(long unwrappedUs) {
    return sourceTimeUs(unwrappedUs) + latencyUs;
  }

  /**
   * Takes the timestamp of an ACKACK, which leaves at once when the ACK is there: how much later
   * than expected it came is the drift, after half the change of the round trip is taken out.
   */
  void traceDrift(long timestampUs, long rttUs, long nowUs) {
    if (!hasReferenceRtt) {
      hasReferenceRtt = true;
      referenceRttUs = rttUs;
    }
    long unwrappedUs = unwrap(timestampUs, nowUs);
    if (isSane(unwrappedUs, nowUs)) {
      tracer.sample(nowUs - (baseUs + unwrappedUs) - (rttUs - referenceRttUs) / 2, nowUs);
    }
  }

  /** Positive when the peer's clock is the slower one. */
  long driftUs() {
    return tracer.driftUs();
  }

  private boolean isSane(long unwrappedUs, long nowUs) {
    long earlyUs = sourceTimeUs(unwrappedUs) - nowUs;
    return earlyUs <= EARLY_US && -earlyUs <= latencyUs + LATE_US;
  }

  private long unwrap(long timestampUs, long nowUs) {
    long expectedUs = nowUs - baseUs;
    return expectedUs + ((int) timestampUs - (int) expectedUs);
  }
}
