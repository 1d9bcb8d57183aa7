package io.millrace.transport.srt.flow;

/**
 * Acknowledges what was received (draft-sharabayko-srt-01 §4.8.1): a full ACK every 10 ms while
 * there is something new, a light one every 64 packets in between, and a full one again when no
 * ACKACK came for it. The round trip time is that from a full ACK to its ACKACK.
 */
final class Acknowledger {
  private static final int LIGHT_EVERY_PACKETS = 64;
  private static final int ARRIVALS = 16;
  private static final int PAIRS = 64;

  /** A packet with such a number and the next are sent back to back, by libsrt too. */
  private static final int PAIR_MASK = 0xF;

  /** libsrt never tells less, so that a sender can always probe. */
  private static final int LEAST_FREE_PACKETS = 2;

  private final ReceiveBuffer buffer;
  private final SequenceWindow sequences;
  private final ControlWriter control;
  private final RoundTrip roundTrip;
  private final TsbpdClock clock;
  private final FlowCounters counters;

  private final AckJournal journal = new AckJournal();
  private final MedianRate arrivals = new MedianRate(ARRIVALS);
  private final MedianRate pairs = new MedianRate(PAIRS);
  private final RateMeter rate;

  private long dueUs = SrtConnection.NEVER;
  private long lastFullUs;
  private long acknowledged;
  private long confirmed;
  private int packetsSinceFull;
  private int lightSinceFull;

  private long lastArrivalUs;
  private long pairStartPosition = -1;

  Acknowledger(
      ReceiveBuffer buffer,
      SequenceWindow sequences,
      ControlWriter control,
      RoundTrip roundTrip,
      TsbpdClock clock,
      FlowCounters counters,
      long nowUs) {
    this.buffer = buffer;
    this.sequences = sequences;
    this.control = control;
    this.roundTrip = roundTrip;
    this.clock = clock;
    this.counters = counters;
    this.rate = new RateMeter(nowUs);
    this.lastArrivalUs = nowUs;
    this.lastFullUs = nowUs - FlowSettings.SYN_US;
  }

  /** Measures the arrival of any data packet. */
  void arrived(long position, boolean retransmitted, int wireBytes, long nowUs) {
    long intervalUs = nowUs - lastArrivalUs;
    arrivals.interval(intervalUs);
    rate.add(wireBytes, nowUs);
    lastArrivalUs = nowUs;
    if (!retransmitted && (sequences.sequence(position) & PAIR_MASK) == 0) {
      pairStartPosition = position;
    } else {
      if (!retransmitted && position == pairStartPosition + 1) {
        pairs.interval(intervalUs);
      }
      pairStartPosition = -1;
    }
  }

  /** Something was received, given up or passed over. */
  void changed(long nowUs) {
    arm(Math.max(nowUs, lastFullUs + FlowSettings.SYN_US));
  }

  /** A packet was stored. */
  void stored(long nowUs) {
    changed(nowUs);
    if (++packetsSinceFull >= LIGHT_EVERY_PACKETS * (lightSinceFull + 1)) {
      lightSinceFull++;
      counters.pktSentAck++;
      control.lightAck(sequences.sequence(buffer.contiguous()), nowUs);
    }
  }

  private void arm(long atUs) {
    dueUs = Math.min(dueUs, atUs);
  }

  long dueUs() {
    return dueUs;
  }

  /** Sends a full ACK if it is time for one and there is something to say. */
  void onTimer(long nowUs) {
    if (nowUs < dueUs) {
      return;
    }
    dueUs = SrtConnection.NEVER;
    long position = buffer.contiguous();
    if (position == acknowledged && confirmed >= acknowledged) {
      return;
    }
    long againUs = lastFullUs + Math.max(roundTrip.timeoutUs(), FlowSettings.SYN_US);
    if (position == acknowledged && nowUs < againUs) {
      arm(againUs);
      return;
    }
    acknowledged = position;
    lastFullUs = nowUs;
    packetsSinceFull = 0;
    lightSinceFull = 0;
    counters.pktSentAck++;
    control.fullAck(
        journal.add(position, nowUs),
        sequences.sequence(position),
        roundTrip,
        Math.max(LEAST_FREE_PACKETS, buffer.free()),
        arrivals.perSecond(),
        pairs.perSecond(),
        rate.bytesPerSecond(nowUs),
        nowUs);
    arm(nowUs + Math.max(roundTrip.timeoutUs(), FlowSettings.SYN_US));
  }

  /** Takes an ACKACK, the first for each ACK; one that answers nothing is refused and counted. */
  void onAckAck(int number, long timestampUs, long nowUs) {
    if (!journal.isOpen(number)) {
      counters.pktRcvInvalid += journal.isUnknown(number) ? 1 : 0;
      return;
    }
    long rttUs = nowUs - journal.sentUs(number);
    confirmed = Math.max(confirmed, journal.position(number));
    journal.close(number);
    roundTrip.sample(rttUs);
    clock.traceDrift(timestampUs, rttUs, nowUs);
  }

  /** Median packet rate; 0 when not known. */
  int packetsPerSecond() {
    return arrivals.perSecond();
  }

  double recvMbps(long nowUs) {
    return rate.mbps(nowUs);
  }

  /** Link capacity in packets a second; 0 when not known. */
  int linkPacketsPerSecond() {
    return pairs.perSecond();
  }
}
