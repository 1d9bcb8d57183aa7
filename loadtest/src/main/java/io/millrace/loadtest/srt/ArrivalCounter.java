package io.millrace.loadtest.srt;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

/** Takes the payloads that a receiver delivers, by UDP, and notes when each came. */
final class ArrivalCounter implements AutoCloseable {
  private static final int INITIAL_SLOTS = 1 << 14;
  private static final int MAX_NUMBER = 1 << 24;

  /** Latency of a payload that never came. */
  private static final int MISSING = -1;

  private final EventLoop loop;
  private final Channel channel;
  private int[] latencyUs = new int[INITIAL_SLOTS];
  private long newest = -1;
  private long duplicates;
  private long disordered;
  private volatile long received;

  /**
   * The payloads of a range of numbers.
   *
   * @param sent size of the range
   * @param missing of the range
   * @param duplicates of all since the start
   * @param disordered those, of all, that came after one with a higher number
   * @param latencyUs from being fed to the sender to being delivered here
   */
  record Arrivals(long sent, long missing, long duplicates, long disordered, Spread latencyUs) {}

  /**
   * Opens a socket. Waits.
   *
   * @param loop borrowed
   */
  ArrivalCounter(EventLoop loop) throws IOException {
    this.loop = loop;
    Arrays.fill(latencyUs, MISSING);
    channel = Udp.open(loop, new Arrival());
  }

  int port() {
    return Udp.port(channel);
  }

  /** Payloads received so far, duplicates not counted. */
  long received() {
    return received;
  }

  /** What came of the numbers from {@code from} to before {@code to}. Waits. */
  Arrivals arrivals(long from, long to) {
    return CompletableFuture.supplyAsync(() -> count((int) from, (int) to), loop).join();
  }

  private Arrivals count(int from, int to) {
    long[] came = new long[to - from];
    int count = 0;
    for (int number = from; number < to; number++) {
      if (number < latencyUs.length && latencyUs[number] != MISSING) {
        came[count++] = latencyUs[number];
      }
    }
    long sent = to - from;
    return new Arrivals(sent, sent - count, duplicates, disordered, new Spread(came, count));
  }

  private void arrived(long number, long sentNs) {
    if (number < 0 || number >= MAX_NUMBER) {
      return;
    }
    int slot = (int) number;
    if (slot >= latencyUs.length) {
      int slots = latencyUs.length;
      latencyUs = Arrays.copyOf(latencyUs, Math.max(2 * slots, Integer.highestOneBit(slot) << 1));
      Arrays.fill(latencyUs, slots, latencyUs.length, MISSING);
    }
    if (latencyUs[slot] != MISSING) {
      duplicates++;
      return;
    }
    latencyUs[slot] = (int) Math.max(0, (System.nanoTime() - sentNs) / 1_000);
    disordered += number < newest ? 1 : 0;
    newest = Math.max(newest, number);
    received++;
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }

  private final class Arrival extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // written on the loop only
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
      if (NumberedPayload.isOne(datagram.content())) {
        arrived(
            NumberedPayload.number(datagram.content()), NumberedPayload.sentNs(datagram.content()));
      }
    }
  }
}
