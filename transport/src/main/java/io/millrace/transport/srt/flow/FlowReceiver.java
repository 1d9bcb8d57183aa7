package io.millrace.transport.srt.flow;

import io.millrace.transport.srt.wire.DropRequest;
import io.millrace.transport.srt.wire.PayloadCipher;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half: puts data packets in order, has the missing ones sent again, and delivers
 * each at its time (draft-sharabayko-srt-01 §4.4 to §4.8).
 */
final class FlowReceiver {
  /** Packets that must follow one another before a jump out of the window is believed. */
  private static final int JUMP_PACKETS = 4;

  private static final int JUMP_STEP = 64;

  private final FlowSettings.Receiving settings;
  private final @Nullable PayloadCipher cipher;
  private final FlowOutput output;
  private final FlowCounters counters;
  private final SequenceWindow sequences;
  private final ReceiveBuffer buffer;
  private final TsbpdClock clock;
  private final Acknowledger acknowledger;
  private final LossReporter reporter;
  private final RoundTrip roundTrip;
  private final ReorderTolerance reordering;

  private long nextDeliveryUs = SrtConnection.NEVER;
  private boolean delivering;
  private long newestSourceUs;

  private long jumpNext;
  private int jumpPackets;

  FlowReceiver(
      FlowSettings flow,
      @Nullable PayloadCipher cipher,
      FlowOutput output,
      ControlWriter control,
      RoundTrip roundTrip,
      FlowCounters counters,
      long nowUs) {
    this.settings = flow.receiving();
    this.cipher = cipher;
    this.output = output;
    this.counters = counters;
    this.roundTrip = roundTrip;
    sequences = new SequenceWindow(settings.firstSequence());
    buffer = new ReceiveBuffer(settings.windowPackets(), settings.maxHeldBytes());
    clock = new TsbpdClock(settings.peerStartUs(), settings.latencyUs());
    reordering = new ReorderTolerance(settings.maxReorderPackets());
    acknowledger = new Acknowledger(buffer, sequences, control, roundTrip, clock, counters, nowUs);
    reporter = new LossReporter(settings, buffer, sequences, control, roundTrip, clock, counters);
  }

  /** Takes a data packet. */
  void onData(ByteBuf packet, long nowUs) {
    boolean retransmitted = SrtPacket.isRetransmitted(packet);
    int wireBytes = packet.readableBytes() - SrtPacket.HEADER_BYTES + FlowCounters.HEADER_BYTES;
    long position = sequences.position(SrtPacket.sequence(packet), buffer.end());
    counters.pktRecv++;
    counters.byteRecv += wireBytes;
    if (retransmitted) {
      counters.pktRcvRetrans++;
    }
    acknowledger.arrived(position, retransmitted, wireBytes, nowUs);
    if (!admits(position, packet, nowUs)) {
      packet.release();
      return;
    }
    noteOrder(position, retransmitted, nowUs);
    if (store(position, packet, nowUs)) {
      counters.pktRecvUnique++;
      counters.byteRecvUnique += wireBytes;
      acknowledger.stored(nowUs);
    } else {
      packet.release();
    }
    reporter.onTimer(nowUs);
    deliver(nowUs);
  }

  /** Whether there is a place for the position: nothing outside the window is ever stored. */
  private boolean admits(long position, ByteBuf packet, long nowUs) {
    if (position < buffer.head()) {
      counters.pktRcvBelated++;
      counters.belatedUs +=
          Math.max(0, nowUs - clock.dueUs(clock.arrived(SrtPacket.timestampUs(packet), nowUs)));
      return false;
    }
    if (buffer.isInWindow(position)) {
      jumpPackets = 0;
      return true;
    }
    counters.pktRcvOutOfWindow++;
    return followsJump(position, nowUs);
  }

  /**
   * After an outage the peer may have gone further than the window. When everything held has been
   * delivered and several packets in a row say so, the receiver follows; one stray number moves
   * nothing.
   */
  private boolean followsJump(long position, long nowUs) {
    boolean follows = position >= jumpNext && position < jumpNext + JUMP_STEP;
    jumpPackets = follows ? jumpPackets + 1 : 1;
    jumpNext = position + 1;
    if (jumpPackets < JUMP_PACKETS || buffer.held() > 0 || !settings.tooLateDrop()) {
      return false;
    }
    counters.dropped(position - buffer.head());
    counters.lost(position - buffer.end());
    buffer.restartAt(position);
    acknowledger.changed(nowUs);
    jumpPackets = 0;
    return true;
  }

  private void noteOrder(long position, boolean retransmitted, long nowUs) {
    if (position >= buffer.end()) {
      long reportUs = nowUs + reorderWaitUs();
      int missing = buffer.extendTo(position, reportUs);
      if (missing > 0) {
        counters.lost(missing);
        reporter.arm(reportUs);
      } else {
        reordering.inOrder();
      }
    } else if (!retransmitted && !buffer.isSettled(position)) {
      reordering.late(buffer.end() - 1 - position);
    }
  }

  /** The tolerated packets, as time: no longer than a quarter of a round trip. */
  private long reorderWaitUs() {
    if (reordering.packets() == 0) {
      return 0;
    }
    long packetUs = 1_000_000L / Math.max(1, acknowledger.packetsPerSecond());
    return Math.min(reordering.packets() * packetUs, roundTrip.smoothedUs() / 4);
  }

  /** Stores what is new and can be read; takes the packet only then. */
  private boolean store(long position, ByteBuf packet, long nowUs) {
    if (buffer.isSettled(position)) {
      counters.pktRcvDuplicate++;
      return false;
    }
    long timestampUs = clock.arrived(SrtPacket.timestampUs(packet), nowUs);
    if (!decrypt(packet)) {
      counters.pktRcvUndecrypt++;
      counters.byteRcvUndecrypt += packet.readableBytes() - SrtPacket.HEADER_BYTES;
      buffer.giveUp(position);
      acknowledger.changed(nowUs);
      return false;
    }
    if (!packet.isReadable(SrtPacket.HEADER_BYTES + 1)) {
      buffer.giveUp(position);
      acknowledger.changed(nowUs);
      return false;
    }
    if (!buffer.store(position, packet, timestampUs)) {
      buffer.giveUp(position);
      return false;
    }
    newestSourceUs = Math.max(newestSourceUs, clock.sourceTimeUs(timestampUs));
    return true;
  }

  /** Clear packets between encrypted ones are not the peer's. */
  private boolean decrypt(ByteBuf packet) {
    boolean encrypted = SrtPacket.keyFlags(packet) != SrtPacket.KEY_NONE;
    return cipher == null ? !encrypted : encrypted && cipher.decrypt(packet);
  }

  void onAckAck(ByteBuf packet, long nowUs) {
    acknowledger.onAckAck(SrtPacket.info(packet), SrtPacket.timestampUs(packet), nowUs);
  }

  /**
   * The peer gives packets up. Borrows. What lies outside the window is cut off, so neither the
   * range's length nor its place can make work.
   */
  void onDropRequest(ByteBuf packet, long nowUs) {
    if (!DropRequest.isValid(packet)) {
      counters.pktRcvInvalid++;
      return;
    }
    long first = sequences.position(DropRequest.first(packet), buffer.end());
    long last = sequences.position(DropRequest.last(packet), buffer.end());
    if (last < first || !buffer.isInWindow(last)) {
      if (last >= buffer.head()) {
        counters.pktRcvInvalid++;
      }
      return;
    }
    long end = buffer.end();
    buffer.extendTo(last, nowUs);
    if (first > end) {
      counters.lost(first - end);
      reporter.arm(nowUs);
    }
    for (long p = buffer.nextMissing(Math.max(first, buffer.head()));
        p <= last;
        p = buffer.nextMissing(p)) {
      buffer.giveUp(p);
    }
    acknowledger.changed(nowUs);
    reporter.onTimer(nowUs);
    deliver(nowUs);
  }

  /** Does what is due. */
  void onTimer(long nowUs) {
    deliver(nowUs);
    reporter.onTimer(nowUs);
    acknowledger.onTimer(nowUs);
  }

  long dueUs() {
    return Math.min(nextDeliveryUs, Math.min(reporter.dueUs(), acknowledger.dueUs()));
  }

  private void deliver(long nowUs) {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      while (deliverHead(nowUs)) {}
    } finally {
      delivering = false;
    }
  }

  /** Delivers the head or passes over it; false when its time has not come. */
  private boolean deliverHead(long nowUs) {
    long head = buffer.head();
    nextDeliveryUs = SrtConnection.NEVER;
    if (head == buffer.end()) {
      return false;
    }
    if (buffer.isSettled(head) && !buffer.isHeld(head)) {
      passOver(head + 1, nowUs);
      return true;
    }
    if (!buffer.isSettled(head) && !settings.tooLateDrop()) {
      return false;
    }
    long next = buffer.nextHeld(head);
    if (next == buffer.end()) {
      return false;
    }
    nextDeliveryUs = clock.dueUs(buffer.timestampUs(next));
    if (nextDeliveryUs > nowUs) {
      return false;
    }
    passOver(next, nowUs);
    handOver();
    return true;
  }

  private void passOver(long next, long nowUs) {
    if (buffer.head() < next) {
      counters.dropped(next - buffer.head());
      acknowledger.changed(nowUs);
    }
    while (buffer.head() < next) {
      buffer.skip();
    }
  }

  private void handOver() {
    long sourceTimeUs = clock.sourceTimeUs(buffer.timestampUs(buffer.head()));
    ByteBuf packet = buffer.poll();
    output.payload(packet.skipBytes(SrtPacket.HEADER_BYTES), sourceTimeUs);
  }

  /** Delivers everything that is held, before its time. */
  void drain(long nowUs) {
    while (buffer.held() > 0) {
      passOver(buffer.nextHeld(buffer.head()), nowUs);
      handOver();
    }
  }

  /** Releases everything. */
  void release() {
    buffer.release();
    nextDeliveryUs = SrtConnection.NEVER;
  }

  int held() {
    return buffer.held();
  }

  int heldBytes() {
    return buffer.heldBytes();
  }

  /** Time from the head to the newest packet. */
  long heldUs() {
    long next = buffer.nextHeld(buffer.head());
    return next == buffer.end()
        ? 0
        : Math.max(0, newestSourceUs - clock.sourceTimeUs(buffer.timestampUs(next)));
  }

  long driftUs() {
    return clock.driftUs();
  }

  Acknowledger acknowledger() {
    return acknowledger;
  }

  ReorderTolerance reordering() {
    return reordering;
  }
}
