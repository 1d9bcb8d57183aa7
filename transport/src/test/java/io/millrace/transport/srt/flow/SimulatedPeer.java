package io.millrace.transport.srt.flow;

import io.millrace.transport.srt.wire.PayloadCipher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One end of a simulated connection, with a clock of its own that may run fast or slow, and a timer
 * that may be late.
 */
final class SimulatedPeer implements FlowOutput {
  /** Takes what is delivered. */
  interface Sink {
    /** Borrows {@code payload}; times are those of the simulation. */
    void payload(ByteBuf payload, long sourceTimeUs, long nowUs);
  }

  private final SimulatedClock clock;
  private final long timerTickUs;
  private final SimulatedLink link;
  private final Sink sink;
  private final SrtConnection connection;
  private long nowUs;
  int extensions;
  int delivered;
  @Nullable FlowEnd end;

  SimulatedPeer(
      FlowSettings settings,
      @Nullable PayloadCipher cipher,
      SimulatedClock clock,
      long timerTickUs,
      ByteBufAllocator allocator,
      SimulatedLink link,
      Sink sink) {
    this.clock = clock;
    this.timerTickUs = timerTickUs;
    this.link = link;
    this.sink = sink;
    connection = new SrtConnection(settings, cipher, allocator, this, clock.localUs(0));
  }

  SrtConnection connection() {
    return connection;
  }

  void onPacket(ByteBuf packet, long nowUs) {
    this.nowUs = nowUs;
    connection.onPacket(packet, clock.localUs(nowUs));
  }

  boolean send(ByteBuf payload, long nowUs) {
    this.nowUs = nowUs;
    return connection.send(payload, clock.localUs(nowUs));
  }

  /** When the timer wants to be called, on the simulation's clock. */
  long dueUs(long nowUs) {
    long dueUs = connection.dueUs();
    if (dueUs == SrtConnection.NEVER) {
      return Long.MAX_VALUE;
    }
    long atUs = Math.max(nowUs, clock.simulationUs(dueUs));
    return timerTickUs == 0 ? atUs : (atUs + timerTickUs - 1) / timerTickUs * timerTickUs;
  }

  void onTimer(long nowUs) {
    this.nowUs = nowUs;
    connection.onTimer(clock.localUs(nowUs));
  }

  void close(long nowUs) {
    this.nowUs = nowUs;
    connection.close(clock.localUs(nowUs));
  }

  SrtStatistics statistics(long nowUs) {
    return connection.statistics(clock.localUs(nowUs));
  }

  @Override
  public void packet(ByteBuf packet) {
    link.send(packet, nowUs);
  }

  @Override
  public void payload(ByteBuf payload, long sourceTimeUs) {
    delivered++;
    sink.payload(payload, clock.simulationUs(sourceTimeUs), nowUs);
    payload.release();
  }

  @Override
  public void extension(ByteBuf packet, long nowUs) {
    extensions++;
  }

  @Override
  public void ended(FlowEnd reason) {
    end = reason;
  }
}
