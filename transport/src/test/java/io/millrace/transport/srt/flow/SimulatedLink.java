package io.millrace.transport.srt.flow;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * One direction of a network on a virtual clock: loses (singly or in bursts, by Gilbert's model),
 * delays, reorders, duplicates and queues packets, the same ones for the same seed.
 */
final class SimulatedLink {
  private static final int UDP_HEADER_BYTES = 28;

  private record InFlight(long arrivalUs, long order, ByteBuf packet) {}

  private final RandomGenerator random;
  private final ByteBufAllocator allocator;
  private final PriorityQueue<InFlight> inFlight =
      new PriorityQueue<>(
          Comparator.comparingLong(InFlight::arrivalUs).thenComparingLong(InFlight::order));
  private LinkConditions conditions;
  private boolean inBurst;
  private long busyUntilUs = Long.MIN_VALUE;
  private long lastArrivalUs = Long.MIN_VALUE;
  private long order;
  private long sentBytes;

  SimulatedLink(LinkConditions conditions, RandomGenerator random, ByteBufAllocator allocator) {
    this.allocator = allocator;
    this.conditions = conditions;
    this.random = random;
  }

  void conditions(LinkConditions conditions) {
    this.conditions = conditions;
  }

  /** Bytes that the sender put on the wire, headers included. */
  long sentBytes() {
    return sentBytes;
  }

  /** Copies the packet, whose bytes the sender may change later, and releases it. */
  void send(ByteBuf packet, long nowUs) {
    sentBytes += packet.readableBytes() + UDP_HEADER_BYTES;
    long leavesUs = queue(packet.readableBytes() + UDP_HEADER_BYTES, nowUs);
    if (!isLost() && leavesUs >= 0) {
      arrive(copy(packet), leavesUs);
      if (random.nextDouble() < conditions.duplication()) {
        arrive(copy(packet), leavesUs);
      }
    }
    packet.release();
  }

  private ByteBuf copy(ByteBuf packet) {
    return allocator
        .directBuffer(packet.readableBytes())
        .writeBytes(packet, packet.readerIndex(), packet.readableBytes());
  }

  private void arrive(ByteBuf packet, long leavesUs) {
    long jitterUs = conditions.jitterUs() == 0 ? 0 : random.nextLong(conditions.jitterUs() + 1);
    long arrivalUs = leavesUs + conditions.delayUs() + jitterUs;
    if (!conditions.reorders()) {
      arrivalUs = Math.max(arrivalUs, lastArrivalUs);
      lastArrivalUs = arrivalUs;
    }
    inFlight.add(new InFlight(arrivalUs, order++, packet));
  }

  private boolean isLost() {
    double loss = conditions.loss();
    if (loss == 0) {
      inBurst = false;
      return false;
    }
    double leave = 1 / conditions.meanBurst();
    double enter = Math.min(1, loss * leave / Math.max(1e-9, 1 - loss));
    inBurst =
        conditions.meanBurst() == 1
            ? random.nextDouble() < loss
            : random.nextDouble() < (inBurst ? 1 - leave : enter);
    return inBurst;
  }

  /** When the packet has passed the bottleneck, or −1 if the queue is full. */
  private long queue(int bytes, long nowUs) {
    if (conditions.bytesPerSecond() == 0) {
      return nowUs;
    }
    long startUs = Math.max(nowUs, busyUntilUs);
    if (startUs - nowUs > conditions.queueUs()) {
      return -1;
    }
    busyUntilUs = startUs + bytes * 1_000_000L / conditions.bytesPerSecond();
    return busyUntilUs;
  }

  /** When the next packet arrives, or the end of time. */
  long nextArrivalUs() {
    InFlight next = inFlight.peek();
    return next == null ? Long.MAX_VALUE : next.arrivalUs();
  }

  /** The packet that arrives next; the caller owns it. */
  ByteBuf take() {
    return inFlight.remove().packet();
  }

  void release() {
    inFlight.forEach(p -> p.packet().release());
    inFlight.clear();
  }
}
