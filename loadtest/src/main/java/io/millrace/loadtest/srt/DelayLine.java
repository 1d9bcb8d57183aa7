package io.millrace.loadtest.srt;

import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * One direction of a {@link LossyRelay}: loses packets by a seeded die and passes the others on
 * after a fixed time, in their order. Confined to its event loop.
 */
final class DelayLine {
  /** Where packets leave. */
  interface Exit {
    /** Takes a packet; false when it could not be sent. */
    boolean send(ByteBuf packet);

    /** Nothing more leaves for now. */
    void flush();
  }

  /** More than a second of 100 Mbit/s. */
  private static final int MAX_HELD_PACKETS = 16_384;

  private static final int MAX_SAMPLES = 1 << 20;

  private record Held(ByteBuf packet, long dueNs) {}

  private final EventLoop loop;
  private final Ticker ticker;
  private final Impairment impairment;
  private final Exit exit;
  private final SplittableRandom die;
  private final ArrayDeque<Held> held = new ArrayDeque<>();

  private boolean lossy;
  private boolean armed;
  private boolean closed;

  private long first;
  private long again;
  private long control;
  private long lost;
  private long overflowed;
  private long bytes;

  private final long[] lateNs = new long[MAX_SAMPLES];
  private int samples;

  DelayLine(EventLoop loop, Ticker ticker, Impairment impairment, Exit exit) {
    this.loop = loop;
    this.ticker = ticker;
    this.impairment = impairment;
    this.exit = exit;
    this.die = new SplittableRandom(impairment.seed());
  }

  /** From now on packets are lost, or are not. */
  void lossy(boolean lossy) {
    this.lossy = lossy;
  }

  /** Takes a packet. */
  void accept(ByteBuf packet) {
    count(packet);
    if (lossy && die.nextDouble() < impairment.lossShare()) {
      lost++;
      packet.release();
    } else if (closed || held.size() == MAX_HELD_PACKETS) {
      overflowed++;
      packet.release();
    } else {
      held.add(new Held(packet, ticker.nanoTime() + impairment.delayUs() * 1_000));
      arm();
    }
  }

  private void count(ByteBuf packet) {
    bytes += packet.readableBytes();
    if (!SrtPacket.isPacket(packet) || SrtPacket.isControl(packet)) {
      control++;
    } else if (SrtPacket.isRetransmitted(packet)) {
      again++;
    } else {
      first++;
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for a packet
  private void arm() {
    Held head = held.peek();
    if (!armed && head != null) {
      armed = true;
      long waitNs = Math.max(0, head.dueNs() - ticker.nanoTime());
      loop.schedule(this::passOn, waitNs, TimeUnit.NANOSECONDS);
    }
  }

  private void passOn() {
    armed = false;
    long nowNs = ticker.nanoTime();
    for (Held head = held.peek(); head != null && head.dueNs() <= nowNs; head = held.peek()) {
      held.remove();
      note(nowNs - head.dueNs());
      if (!exit.send(head.packet())) {
        overflowed++;
      }
    }
    exit.flush();
    arm();
  }

  private void note(long late) {
    if (samples < MAX_SAMPLES) {
      lateNs[samples++] = late;
    }
  }

  RelayAccount account() {
    return new RelayAccount(first, again, control, lost, overflowed, bytes);
  }

  /** How much later than due packets left, in nanoseconds: the first million of them. */
  Spread lateness() {
    return new Spread(lateNs, samples);
  }

  /** Releases what is held, and takes nothing more. */
  void close() {
    closed = true;
    for (Held each : held) {
      each.packet().release();
    }
    held.clear();
  }
}
