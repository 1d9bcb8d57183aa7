package io.millrace.media.mpegts;

/**
 * Follows the continuity counter of one PID (ISO/IEC 13818-1 §2.4.3.3): it grows by one with every
 * packet that has a payload; a packet may be sent twice, and then both are alike.
 */
final class Continuity {
  /** What a packet is to those before it. */
  enum Verdict {
    NEXT,
    /** Sent a second time. */
    DUPLICATE,
    /** Packets are missing, or this one is out of order. */
    BROKEN,
    /** The sender said that the counter starts over (discontinuity_indicator). */
    RESTARTED
  }

  private boolean started;
  private int counter;
  private long fingerprint;

  /** Judges a packet that has a payload. */
  Verdict next(TsPacket packet) {
    long print = packet.fingerprint();
    int expected = counter + 1 & 0xF;
    Verdict verdict;
    if (!started || packet.counter() == expected) {
      verdict = Verdict.NEXT;
    } else if (packet.discontinuity()) {
      verdict = Verdict.RESTARTED;
    } else if (packet.counter() == counter && print == fingerprint) {
      return Verdict.DUPLICATE;
    } else {
      verdict = Verdict.BROKEN;
    }
    started = true;
    counter = packet.counter();
    fingerprint = print;
    return verdict;
  }
}
