package io.millrace.loadtest.srt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Sends {@linkplain NumberedPayload numbered payloads} at a constant rate, each down several ways
 * at once. A tick that comes late is followed by what it held up.
 */
final class PayloadFeed implements AutoCloseable {
  /** One sender. Called on the feed's loop. */
  interface Way {
    /** Takes a payload. */
    void send(ByteBuf payload);
  }

  private final EventLoop loop;
  private final double intervalNs;
  private final long burstNs;
  private final List<Way> ways;

  private long startNs;
  private volatile long sent;
  private volatile boolean stopped;

  /**
   * @param bitsPerSecond of payload
   */
  PayloadFeed(EventLoop loop, long bitsPerSecond, List<Way> ways) {
    this(loop, bitsPerSecond, 0, ways);
  }

  /**
   * @param burstNs what falls due within so long is sent at once, as encoders do that do not pace a
   *     frame's packets
   */
  PayloadFeed(EventLoop loop, long bitsPerSecond, long burstNs, List<Way> ways) {
    this.loop = loop;
    this.burstNs = burstNs;
    this.intervalNs = NumberedPayload.BYTES * 8e9 / bitsPerSecond;
    this.ways = List.copyOf(ways);
  }

  void start() {
    loop.execute(
        () -> {
          startNs = System.nanoTime();
          tick();
        });
  }

  /** How many were sent: the next one has this number. */
  long sent() {
    return sent;
  }

  private long dueNs(long number) {
    return startNs + (long) (number * intervalNs);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for a tick
  private void tick() {
    if (stopped) {
      return;
    }
    long nowNs = System.nanoTime();
    long number = sent;
    for (; dueNs(number) <= nowNs; number++) {
      for (Way way : ways) {
        way.send(NumberedPayload.write(ByteBufAllocator.DEFAULT, number, nowNs));
      }
    }
    sent = number;
    loop.schedule(
        this::tick, Math.max(burstNs, dueNs(number) - System.nanoTime()), TimeUnit.NANOSECONDS);
  }

  /** Sends nothing more. Waits: not for the loop. */
  @Override
  public void close() {
    stopped = true;
    CompletableFuture.runAsync(() -> {}, loop).join();
  }
}
