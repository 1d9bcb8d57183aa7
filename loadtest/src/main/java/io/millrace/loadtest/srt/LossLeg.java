package io.millrace.loadtest.srt;

import io.millrace.loadtest.srt.ArrivalCounter.Arrivals;
import java.io.IOException;

/**
 * One receiver of a cell with its link and its sender.
 *
 * @param counter behind the receiver
 * @param relay before it
 * @param receiver to be ended with the leg; does nothing where many legs share one
 */
record LossLeg(ArrivalCounter counter, LossyRelay relay, SenderLeg sender, Runnable receiver)
    implements AutoCloseable {

  /**
   * What was measured.
   *
   * @param again packets sent again for each one sent, on the wire
   * @param reports everything sent back, in bytes, for each byte sent
   */
  record Result(Arrivals arrivals, double again, double reports, Spread relayLateNs) {
    double missingPpm() {
      return arrivals.sent() == 0 ? 0 : arrivals.missing() * 1e6 / arrivals.sent();
    }
  }

  /** Both directions of the relay at one instant. */
  record Mark(RelayAccount forth, RelayAccount back) {}

  Mark mark() {
    return new Mark(relay.forth(), relay.back());
  }

  /**
   * @param from first number of the measured range
   * @param to the number behind it
   */
  Result result(long from, long to, Mark start, Mark end) {
    RelayAccount forth = end.forth().minus(start.forth());
    RelayAccount back = end.back().minus(start.back());
    return new Result(
        counter.arrivals(from, to),
        forth.againShare(),
        forth.bytes() == 0 ? 0 : (double) back.bytes() / forth.bytes(),
        relay.lateness());
  }

  /** Fails when a packet was lost for another reason than the die. */
  void requireNoOverflow() throws IOException {
    Mark now = mark();
    if (now.forth().overflowed() + now.back().overflowed() > 0) {
      throw new IOException("the relay was overrun: " + now);
    }
  }

  @Override
  public void close() {
    sender.close();
    relay.close();
    receiver.run();
    counter.close();
  }
}
