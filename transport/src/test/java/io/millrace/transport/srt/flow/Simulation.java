package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.srt.wire.PayloadCipher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A sender and a receiver joined by two {@link SimulatedLink}s on a virtual clock.
 *
 * <p>What is delivered is checked as it comes: whole, in order, never twice. A run is repeated from
 * its seed by {@code -Dmillrace.seed=N}; the seed stands in every failure's description.
 */
final class Simulation implements AutoCloseable {
  static final int PAYLOAD_BYTES = 1316;
  private static final long SEED = Long.getLong("millrace.seed", 20_261_121L);
  private static final int SENDER_ID = 0x0BAD_CAFE;
  private static final int RECEIVER_ID = 0x1234_5678;

  /** What a test changes; everything else is as usual. */
  static final class Plan {
    long seed = SEED;
    LinkConditions forth = LinkConditions.clean(10_000);
    LinkConditions back = LinkConditions.clean(10_000);
    long latencyUs = 120_000;
    int firstSequence = 1_000;
    int windowPackets = 8_192;
    long packetIntervalUs = 5_264;
    int packetsAtOnce = 1;
    long senderAgeUs;
    long senderSkewPpm;
    long receiverSkewPpm;
    long timerTickUs;
    int reorderPackets;
    boolean thriftyPeer = true;
    boolean tooLateDrop = true;
    boolean checksTime = true;
    long timeToleranceUs = 12_000;
    @Nullable PayloadCipher senderCipher;
    @Nullable PayloadCipher receiverCipher;

    Plan bothWays(LinkConditions conditions) {
      forth = conditions;
      back = conditions;
      return this;
    }
  }

  /** Tells exactly what is not released, and records no stack traces. */
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

  private final Plan plan;
  private final SimulatedLink forth;
  private final SimulatedLink back;
  final SimulatedPeer sender;
  final SimulatedPeer receiver;

  private long nowUs;
  private long nextSendUs;
  private boolean sending = true;
  private int stepsAtOnce;
  private long sent;
  private long lastDelivered = -1;
  private long worstTimeErrorUs;

  Simulation(Plan plan) {
    this.plan = plan;
    RandomGenerator random = new Random(plan.seed);
    forth = new SimulatedLink(plan.forth, random, allocator);
    back = new SimulatedLink(plan.back, random, allocator);
    SimulatedClock senderClock = new SimulatedClock(7_000_000_000L, plan.senderSkewPpm);
    SimulatedClock receiverClock = new SimulatedClock(-3_000_000_000L, plan.receiverSkewPpm);
    long senderStartUs = senderClock.localUs(0) - plan.senderAgeUs;
    long receiverStartUs = receiverClock.localUs(0);
    sender =
        new SimulatedPeer(
            settings(
                RECEIVER_ID,
                senderStartUs,
                senderClock.localUs(0) + plan.back.delayUs(),
                plan.firstSequence),
            plan.senderCipher,
            senderClock,
            plan.timerTickUs,
            allocator,
            forth,
            (payload, sourceTimeUs, atUs) -> {});
    receiver =
        new SimulatedPeer(
            settings(
                SENDER_ID,
                receiverStartUs,
                receiverClock.localUs(0) + plan.forth.delayUs() - plan.senderAgeUs,
                plan.firstSequence),
            plan.receiverCipher,
            receiverClock,
            plan.timerTickUs,
            allocator,
            back,
            this::delivered);
  }

  private FlowSettings settings(int peerId, long startUs, long peerStartUs, int sequence) {
    return new FlowSettings(
        peerId,
        startUs,
        1_500,
        0,
        new FlowSettings.Receiving(
            sequence,
            peerStartUs,
            plan.latencyUs,
            plan.windowPackets,
            64 << 20,
            plan.tooLateDrop,
            true,
            plan.thriftyPeer,
            plan.reorderPackets),
        new FlowSettings.Sending(
            sequence, plan.latencyUs, plan.windowPackets, 64 << 20, plan.tooLateDrop, true, 25, 0));
  }

  /** Goes on for so long. */
  Simulation run(long durationUs) {
    long endUs = nowUs + durationUs;
    while (true) {
      long atUs = Math.min(forth.nextArrivalUs(), back.nextArrivalUs());
      atUs = Math.min(atUs, Math.min(sender.dueUs(nowUs), receiver.dueUs(nowUs)));
      atUs = sending ? Math.min(atUs, nextSendUs) : atUs;
      if (atUs > endUs) {
        nowUs = endUs;
        return this;
      }
      stepsAtOnce = atUs > nowUs ? 0 : stepsAtOnce + 1;
      assertThat(stepsAtOnce).as("calls of a timer for nothing" + describe()).isLessThan(1_000);
      nowUs = Math.max(nowUs, atUs);
      step();
    }
  }

  private void step() {
    while (forth.nextArrivalUs() <= nowUs) {
      receiver.onPacket(forth.take(), nowUs);
    }
    while (back.nextArrivalUs() <= nowUs) {
      sender.onPacket(back.take(), nowUs);
    }
    while (sending && nextSendUs <= nowUs) {
      for (int i = 0; i < plan.packetsAtOnce; i++) {
        sender.send(message(sent++, nowUs), nowUs);
      }
      nextSendUs += plan.packetIntervalUs * plan.packetsAtOnce;
    }
    if (sender.dueUs(nowUs) <= nowUs) {
      sender.onTimer(nowUs);
    }
    if (receiver.dueUs(nowUs) <= nowUs) {
      receiver.onTimer(nowUs);
    }
  }

  /** Sends no more and waits until everything was delivered or given up. */
  Simulation finish() {
    sending = false;
    return run(2 * plan.latencyUs + 4 * plan.forth.delayUs() + 1_000_000);
  }

  private ByteBuf message(long number, long nowUs) {
    int bytes = 24 + (int) (number * 7919 % (PAYLOAD_BYTES - 23));
    if (number % 8 != 0) {
      bytes = PAYLOAD_BYTES;
    }
    ByteBuffer content = ByteBuffer.allocate(bytes);
    content.putLong(number).putLong(nowUs).putInt(bytes);
    while (content.hasRemaining()) {
      content.put(pattern(number, content.position()));
    }
    return allocator.directBuffer(bytes).writeBytes(content.array());
  }

  private static byte pattern(long number, int index) {
    return (byte) (number * 31 + index * 131L);
  }

  private void delivered(ByteBuf payload, long sourceTimeUs, long atUs) {
    ByteBuffer content = ByteBuffer.wrap(ByteBufUtil.getBytes(payload));
    long number = content.getLong();
    long sentUs = content.getLong();
    if (number <= lastDelivered) {
      throw new AssertionError(number + " after " + lastDelivered + describe());
    }
    lastDelivered = number;
    checkBytes(content, number);
    if (plan.checksTime) {
      checkTime(sentUs, sourceTimeUs, atUs);
    }
  }

  private void checkBytes(ByteBuffer content, long number) {
    if (content.getInt() != content.limit()) {
      throw new AssertionError("length of " + number + describe());
    }
    while (content.hasRemaining()) {
      int index = content.position();
      if (content.get() != pattern(number, index)) {
        throw new AssertionError("byte " + index + " of " + number + describe());
      }
    }
  }

  private void checkTime(long sentUs, long sourceTimeUs, long atUs) {
    long expectedUs = sentUs + plan.forth.delayUs();
    long errorUs =
        Math.max(Math.abs(sourceTimeUs - expectedUs), Math.abs(atUs - expectedUs - plan.latencyUs));
    worstTimeErrorUs = Math.max(worstTimeErrorUs, errorUs);
    if (errorUs > plan.timeToleranceUs) {
      throw new AssertionError(
          "delivered " + (atUs - expectedUs - plan.latencyUs) + " us late" + describe());
    }
  }

  long nowUs() {
    return nowUs;
  }

  long sent() {
    return sent;
  }

  long missing() {
    return sent - receiver.delivered;
  }

  double residualLoss() {
    return (double) missing() / sent;
  }

  long worstTimeErrorUs() {
    return worstTimeErrorUs;
  }

  SimulatedLink forth() {
    return forth;
  }

  SimulatedLink back() {
    return back;
  }

  void stopSending() {
    sending = false;
  }

  void startSending() {
    sending = true;
    nextSendUs = nowUs;
  }

  SrtStatistics received() {
    return receiver.statistics(nowUs);
  }

  SrtStatistics sentStatistics() {
    return sender.statistics(nowUs);
  }

  String describe() {
    return " (at " + nowUs + " us, -Dmillrace.seed=" + plan.seed + ")";
  }

  @Override
  public void close() {
    sender.close(nowUs);
    receiver.close(nowUs);
    forth.release();
    back.release();
    assertThat(allocator.metric().usedDirectMemory())
        .as("bytes not released" + describe())
        .isZero();
  }
}
