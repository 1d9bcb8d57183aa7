package io.millrace.transport.srt.flow;

import io.millrace.transport.srt.wire.AckPacket;
import io.millrace.transport.srt.wire.LossReport;
import io.millrace.transport.srt.wire.PayloadCipher;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The sending half: paces packets out, sends again what was reported lost, and drops what is too
 * old to be of use (draft-sharabayko-srt-01 §4.6, §4.8, §5.1).
 *
 * <p>Three rules keep a lost packet from being lost for good, or the link from being flooded. A
 * packet is not sent again within a round trip, however often it is asked for: the answer is on its
 * way. One whose next round would come too late is sent twice at the last moment, some milliseconds
 * apart. And when the newest packets stay unacknowledged, the newest of all is sent again, so that
 * the receiver sees the gap before it (a tail loss probe, RFC 8985 §7.2) and asks for all of it.
 */
final class FlowSender {
  /** Live mode without latency still keeps packets for a second, as libsrt does. */
  private static final long LEAST_DROP_US = 1_000_000;

  private static final long MAX_PROBE_US = 1_000_000;

  /** A peer that never acknowledges must not come near the half of the sequence numbers. */
  private static final long MAX_UNACKNOWLEDGED_PACKETS = 1 << 24;

  /** Each packet with such a number is followed by the next at once, as in libsrt. */
  private static final int PAIR_MASK = 0xF;

  private static final int MAX_MESSAGE_NUMBER = SrtPacket.MAX_MESSAGE_NUMBER;

  private final FlowSettings.Sending settings;
  private final @Nullable PayloadCipher cipher;
  private final ControlWriter control;
  private final RoundTrip roundTrip;
  private final FlowCounters counters;
  private final SequenceWindow sequences;
  private final SendBuffer buffer;
  private final Pacer pacer;
  private final RateMeter rate;
  private final SecondCopies copies = new SecondCopies();
  private final long dropAfterUs;
  private final long uselessAfterUs;

  private int messageNumber = 1;

  /** Everything before is known to have arrived, or was said to be dropped. */
  private long acknowledged;

  private long peerWindow;
  private long probeUs = SrtConnection.NEVER;
  private int probes;

  FlowSender(
      FlowSettings flow,
      @Nullable PayloadCipher cipher,
      ControlWriter control,
      RoundTrip roundTrip,
      FlowCounters counters,
      long nowUs) {
    this.settings = flow.sending();
    this.cipher = cipher;
    this.control = control;
    this.roundTrip = roundTrip;
    this.counters = counters;
    sequences = new SequenceWindow(settings.firstSequence());
    buffer = new SendBuffer(settings.windowPackets(), settings.maxHeldBytes());
    pacer = new Pacer(settings, nowUs);
    rate = new RateMeter(nowUs);
    peerWindow = settings.windowPackets();
    long slackUs = 2 * FlowSettings.SYN_US;
    uselessAfterUs = settings.latencyUs() * 5 / 4 + slackUs;
    dropAfterUs = Math.max(settings.latencyUs() * 5 / 4, LEAST_DROP_US) + slackUs;
  }

  /**
   * Takes a message, copies it behind a header and sends it as soon as the pace allows.
   *
   * @return false when there is no room and it was dropped
   */
  boolean send(ByteBuf payload, long nowUs) {
    try {
      int bytes = payload.readableBytes();
      pacer.input(bytes + FlowCounters.HEADER_BYTES, nowUs);
      dropTooLate(nowUs);
      if (!buffer.hasRoom(bytes + SrtPacket.HEADER_BYTES)) {
        counters.pktSndDrop++;
        counters.byteSndDrop += bytes + FlowCounters.HEADER_BYTES;
        return false;
      }
      ByteBuf packet = control.data(bytes, sequences.sequence(buffer.end()), messageNumber, nowUs);
      packet.writeBytes(payload, payload.readerIndex(), bytes);
      if (cipher != null) {
        cipher.encrypt(packet);
      }
      buffer.add(packet, nowUs);
      messageNumber = messageNumber == MAX_MESSAGE_NUMBER ? 1 : messageNumber + 1;
    } finally {
      payload.release();
    }
    pump(nowUs);
    return true;
  }

  /** Borrows an ACK. */
  void onAck(ByteBuf packet, long nowUs) {
    if (!AckPacket.isValid(packet)) {
      counters.pktRcvInvalid++;
      return;
    }
    long position = sequences.position(AckPacket.acknowledged(packet), acknowledged);
    if (position > buffer.next() || position < acknowledged - settings.windowPackets()) {
      counters.pktRcvInvalid++;
      return;
    }
    counters.pktRecvAck++;
    if (AckPacket.number(packet) != 0) {
      control.ackAck(AckPacket.number(packet), nowUs);
    }
    if (AckPacket.isSmall(packet)) {
      roundTrip.told(AckPacket.rttUs(packet), AckPacket.rttVarianceUs(packet));
      if (position >= acknowledged) {
        peerWindow = Math.clamp(AckPacket.freeBufferPackets(packet), 2, settings.windowPackets());
      }
    }
    if (position > acknowledged) {
      acknowledged = position;
      while (buffer.head() < position) {
        buffer.removeHead();
      }
      probes = 0;
      armProbe(nowUs);
    }
    pump(nowUs);
  }

  /** Borrows a loss report. Numbers never sent are refused and counted. */
  void onNak(ByteBuf packet, long nowUs) {
    counters.pktRecvNak++;
    if (buffer.next() == acknowledged) {
      return;
    }
    counters.pktRcvInvalid +=
        LossReport.forEach(
            packet,
            sequences.sequence(acknowledged),
            sequences.sequence(buffer.next() - 1),
            (first, last) -> lost(first, last, nowUs));
    pump(nowUs);
  }

  private void lost(int first, int last, long nowUs) {
    long from = sequences.position(first, acknowledged);
    long to = sequences.position(last, acknowledged);
    counters.pktSndLoss += to - from + 1;
    if (from < buffer.head()) {
      control.dropRequest(first, sequences.sequence(Math.min(to, buffer.head() - 1)), nowUs);
    }
    for (long p = Math.max(from, buffer.head()); p <= to; p++) {
      if (!buffer.wasSentAgain(p) || nowUs - buffer.sentUs(p) >= answerUs()) {
        buffer.markLost(p);
      }
    }
  }

  /**
   * A packet sent again less than this ago may still be on its way when a report is sent. The three
   * quarters keep the first reports of a round from counting twice.
   */
  private long answerUs() {
    long rttUs = roundTrip.smoothedUs();
    return Math.max(rttUs - 2 * roundTrip.varianceUs(), rttUs * 3 / 4);
  }

  /** Does what is due. */
  void onTimer(long nowUs) {
    dropTooLate(nowUs);
    if (nowUs >= probeUs) {
      probe(nowUs);
    }
    pump(nowUs);
  }

  long dueUs() {
    long dueUs = probeUs;
    if (settings.tooLateDrop() && buffer.head() < buffer.end()) {
      dueUs = Math.min(dueUs, buffer.originUs(buffer.head()) + dropAfterUs);
    }
    boolean again = pacer.maySendAgain() && buffer.nextLost() < buffer.next();
    long readyUs = again || maySendNext() ? Long.MIN_VALUE : copies.dueUs();
    if (readyUs != SrtConnection.NEVER) {
      dueUs = Math.min(dueUs, Math.max(readyUs, pacer.nextSendUs(buffer.unsentBytes())));
    }
    return dueUs;
  }

  private boolean maySendNext() {
    return buffer.next() < buffer.end() && flightPackets() < peerWindow;
  }

  /** Sends whatever the pace allows by now: lost packets first, the oldest first. */
  private void pump(long nowUs) {
    while (pacer.nextSendUs(buffer.unsentBytes()) <= nowUs) {
      long copy = copies.poll(nowUs);
      long lost = nextLost(nowUs);
      if (copy >= buffer.head()) {
        sendAgain(copy, nowUs);
      } else if (copy >= 0) {
        continue;
      } else if (lost < buffer.next() && pacer.maySendAgain()) {
        boolean last = isLastChance(lost, nowUs);
        sendAgain(lost, nowUs);
        if (last) {
          copies.add(lost, nowUs + Math.min(roundTrip.smoothedUs() / 8, FlowSettings.SYN_US));
        }
      } else if (maySendNext()) {
        sendNext(nowUs);
      } else {
        return;
      }
    }
  }

  /** The oldest lost packet that can still arrive in time, or {@link SendBuffer#next}. */
  private long nextLost(long nowUs) {
    long lost = buffer.nextLost();
    while (lost < buffer.next()
        && settings.tooLateDrop()
        && nowUs - buffer.originUs(lost) > uselessAfterUs) {
      buffer.clearLost(lost);
      lost = buffer.nextLost();
    }
    return lost;
  }

  private boolean isLastChance(long position, long nowUs) {
    return settings.tooLateDrop()
        && nowUs - buffer.originUs(position) + roundTrip.timeoutUs() > settings.latencyUs();
  }

  private void sendNext(long nowUs) {
    long position = buffer.next();
    ByteBuf packet = buffer.packet(position);
    int bytes = packet.readableBytes();
    boolean pair = (sequences.sequence(position) & PAIR_MASK) == 0 && position + 1 < buffer.end();
    pacer.sent(bytes, buffer.unsentBytes(), pair, nowUs);
    pacer.earn(bytes);
    buffer.sentNext(nowUs);
    counters.pktSentUnique++;
    counters.byteSentUnique += wireBytes(bytes);
    transmit(packet, nowUs);
    if (probes == 0) {
      armProbe(nowUs);
    }
  }

  private void sendAgain(long position, long nowUs) {
    ByteBuf packet = buffer.packet(position);
    int bytes = packet.readableBytes();
    pacer.sent(bytes, buffer.unsentBytes(), false, nowUs);
    pacer.spend(bytes);
    buffer.sentAgain(position, nowUs);
    SrtPacket.markRetransmitted(packet);
    counters.pktRetrans++;
    counters.byteRetrans += wireBytes(bytes);
    transmit(packet, nowUs);
  }

  private void transmit(ByteBuf packet, long nowUs) {
    int bytes = wireBytes(packet.readableBytes());
    counters.pktSent++;
    counters.byteSent += bytes;
    rate.add(bytes, nowUs);
    control.send(packet.retain(), nowUs);
  }

  private static int wireBytes(int packetBytes) {
    return packetBytes - SrtPacket.HEADER_BYTES + FlowCounters.HEADER_BYTES;
  }

  /**
   * The probe comes when the newest packet should have been acknowledged, then ever more rarely.
   */
  private void armProbe(long nowUs) {
    if (buffer.next() == buffer.head()) {
      probeUs = SrtConnection.NEVER;
      return;
    }
    long waitUs = roundTrip.timeoutUs() + 2 * FlowSettings.SYN_US;
    probeUs = nowUs + Math.min(waitUs << Math.min(probes, 6), Math.max(MAX_PROBE_US, waitUs));
  }

  private void probe(long nowUs) {
    probes++;
    armProbe(nowUs);
    if (buffer.next() == buffer.head()) {
      return;
    }
    if (settings.peerRepeatsNak()) {
      sendAgain(buffer.next() - 1, nowUs);
      return;
    }
    for (long p = buffer.head(); p < buffer.next(); p++) {
      if (nowUs - buffer.sentUs(p) >= roundTrip.timeoutUs()) {
        buffer.markLost(p);
      }
    }
  }

  /**
   * Drops what the receiver would no longer wait for, and says so: it need not ask. Of packets that
   * were never sent it learns at all only in this way.
   */
  private void dropTooLate(long nowUs) {
    if (!settings.tooLateDrop()) {
      return;
    }
    long first = buffer.head();
    while (buffer.head() < buffer.end() && nowUs - buffer.originUs(buffer.head()) >= dropAfterUs) {
      counters.pktSndDrop++;
      counters.byteSndDrop += wireBytes(buffer.packet(buffer.head()).readableBytes());
      buffer.removeHead();
    }
    if (first < buffer.head()) {
      acknowledged = Math.max(acknowledged, buffer.head() - MAX_UNACKNOWLEDGED_PACKETS);
      control.dropRequest(sequences.sequence(first), sequences.sequence(buffer.head() - 1), nowUs);
    }
  }

  /** Releases everything. */
  void release() {
    buffer.release();
    probeUs = SrtConnection.NEVER;
  }

  Pacer pacer() {
    return pacer;
  }

  int flightPackets() {
    return (int) (buffer.next() - buffer.head());
  }

  int peerWindow() {
    return (int) peerWindow;
  }

  int heldPackets() {
    return (int) (buffer.end() - buffer.head());
  }

  int heldBytes() {
    return buffer.heldBytes();
  }

  int unsentBytes() {
    return buffer.unsentBytes();
  }

  /** Age of the oldest packet held. */
  long heldUs(long nowUs) {
    return buffer.head() == buffer.end() ? 0 : nowUs - buffer.originUs(buffer.head());
  }

  double sendMbps(long nowUs) {
    return rate.mbps(nowUs);
  }
}
