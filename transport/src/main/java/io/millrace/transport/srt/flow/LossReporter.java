package io.millrace.transport.srt.flow;

import io.millrace.transport.srt.wire.LossReport;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Reports missing packets (draft-sharabayko-srt-01 §4.8.2): at once when a gap is seen, and again
 * until they come or would come too late.
 *
 * <p>libsrt repeats the whole list every half a round trip or so, which asks in vain for what is on
 * its way and leaves a loss whose report was lost alone for as long. Here each packet has its own
 * time. To a peer that does not send a packet twice within a round trip, however often it is asked,
 * a round of three reports goes out:
 *
 * <pre>
 *   0      RTT/4   RTT/2                    RTT + 2 RTTVar + 3 ms
 *   │        │       │                        │
 *  NAK      NAK     NAK    (answer comes)    NAK   the next round: the answer was lost
 *   └────────┴───────┴── the first that arrives counts, the peer passes over the others
 * </pre>
 *
 * so that a lost report costs a quarter of a round trip, and a lost answer one round trip. To other
 * peers a report goes out every (RTT + 4 RTTVar) / 2, at least 20 ms, as from libsrt.
 */
final class LossReporter {
  private static final int REPORTS_A_ROUND = 3;
  private static final long LEAST_STEP_US = 5_000;
  private static final long LEAST_MARGIN_US = 3_000;
  private static final long LEAST_PLAIN_US = 20_000;
  private static final long MAX_COALESCE_US = 2_000;
  private static final int MAX_RANGE_BYTES = 2 * Integer.BYTES;

  private final FlowSettings.Receiving settings;
  private final ReceiveBuffer buffer;
  private final SequenceWindow sequences;
  private final ControlWriter control;
  private final RoundTrip roundTrip;
  private final TsbpdClock clock;
  private final FlowCounters counters;

  private long dueUs = SrtConnection.NEVER;
  private @Nullable ByteBuf report;

  LossReporter(
      FlowSettings.Receiving settings,
      ReceiveBuffer buffer,
      SequenceWindow sequences,
      ControlWriter control,
      RoundTrip roundTrip,
      TsbpdClock clock,
      FlowCounters counters) {
    this.settings = settings;
    this.buffer = buffer;
    this.sequences = sequences;
    this.control = control;
    this.roundTrip = roundTrip;
    this.clock = clock;
    this.counters = counters;
  }

  long dueUs() {
    return dueUs;
  }

  /** There are losses to be reported at {@code atUs}. */
  void arm(long atUs) {
    dueUs = Math.min(dueUs, atUs);
  }

  /** Reports what is due. */
  void onTimer(long nowUs) {
    if (nowUs < dueUs) {
      return;
    }
    dueUs = SrtConnection.NEVER;
    long withinUs = nowUs + Math.min(MAX_COALESCE_US, roundTrip.smoothedUs() / 16);
    long position = buffer.nextMissing(buffer.contiguous());
    while (position < buffer.end()) {
      long end = buffer.nextSettled(position);
      if (canStillCome(end, nowUs)) {
        reportRange(position, end, withinUs, nowUs);
      }
      position = buffer.nextMissing(end);
    }
    finish(nowUs);
  }

  /** What comes just before a packet that is due in less than the way here takes is lost. */
  private boolean canStillCome(long rangeEnd, long nowUs) {
    if (!settings.tooLateDrop() || !roundTrip.isMeasured()) {
      return true;
    }
    long next = buffer.nextHeld(rangeEnd);
    return next >= buffer.end()
        || clock.dueUs(buffer.timestampUs(next)) > nowUs + roundTrip.smoothedUs() / 2;
  }

  private void reportRange(long start, long end, long withinUs, long nowUs) {
    long first = end;
    for (long p = start; p < end; p++) {
      if (buffer.reportDueUs(p) <= withinUs) {
        schedule(p, nowUs);
        first = Math.min(first, p);
      } else if (first < p) {
        append(first, p - 1, nowUs);
        first = end;
      }
      dueUs = Math.min(dueUs, buffer.reportDueUs(p));
    }
    if (first < end) {
      append(first, end - 1, nowUs);
    }
  }

  private void schedule(long position, long nowUs) {
    int reports = buffer.reports(position) + 1;
    long rttUs = roundTrip.smoothedUs();
    if (!settings.repeatNak()) {
      buffer.reported(position, 0, SrtConnection.NEVER);
    } else if (!settings.thriftyPeer()) {
      long periodUs = Math.max(roundTrip.timeoutUs() / 2, LEAST_PLAIN_US);
      buffer.reported(position, 0, nowUs + periodUs);
    } else {
      long stepUs = Math.max(rttUs / 4, LEAST_STEP_US);
      if (reports < REPORTS_A_ROUND) {
        buffer.reported(position, reports, nowUs + stepUs);
      } else {
        long roundUs = rttUs + 2 * roundTrip.varianceUs() + LEAST_MARGIN_US;
        long restUs = roundUs - (REPORTS_A_ROUND - 1) * stepUs;
        buffer.reported(position, 0, nowUs + Math.max(restUs, stepUs));
      }
    }
  }

  private void append(long first, long last, long nowUs) {
    ByteBuf out = report;
    if (out != null && out.maxWritableBytes() < MAX_RANGE_BYTES) {
      finish(nowUs);
      out = null;
    }
    if (out == null) {
      out = control.startNak(nowUs);
      report = out;
    }
    LossReport.writeRange(out, sequences.sequence(first), sequences.sequence(last));
  }

  private void finish(long nowUs) {
    ByteBuf out = report;
    if (out != null) {
      report = null;
      counters.pktSentNak++;
      control.send(out, nowUs);
    }
  }
}
