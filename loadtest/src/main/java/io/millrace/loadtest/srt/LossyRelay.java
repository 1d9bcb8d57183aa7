package io.millrace.loadtest.srt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bad link between one caller and one listener: both directions delay and lose, no packet
 * overtakes another. It starts without loss, so that a connection comes about.
 *
 * <pre>
 *   caller ─► front ─► DelayLine forth ─► back ─► listener
 *          ◄─       ◄─ DelayLine back  ◄─      ◄─
 * </pre>
 *
 * Methods may be called from any thread, but not from its event loop where they say that they wait.
 */
final class LossyRelay implements AutoCloseable {
  private final EventLoop loop;
  private final DelayLine forth;
  private final DelayLine back;
  private final Channel front;
  private final Channel rear;

  /** Who sent last: the answers go there. Confined to the loop. */
  private @Nullable InetSocketAddress caller;

  private LossyRelay(
      EventLoop loop, InetSocketAddress listener, double lossShare, long rttUs, long seed)
      throws IOException {
    this.loop = loop;
    Ticker ticker = Ticker.systemTicker();
    Impairment there = new Impairment(lossShare, rttUs / 2, seed);
    Impairment thence = new Impairment(lossShare, rttUs / 2, ~seed);
    Towards toListener = new Towards();
    Towards toCaller = new Towards();
    forth = new DelayLine(loop, ticker, there, toListener);
    back = new DelayLine(loop, ticker, thence, toCaller);
    rear = Udp.connect(loop, listener, new Entrance(back));
    front = Udp.open(loop, new Entrance(forth));
    loop.execute(
        () -> {
          toListener.start(rear, () -> listener);
          toCaller.start(front, () -> caller);
        });
  }

  /**
   * Opens a relay. Waits.
   *
   * @param loop borrowed; does nothing else when times are to be exact
   * @param lossShare each way
   * @param rttUs both ways together
   */
  static LossyRelay open(
      EventLoop loop, InetSocketAddress listener, double lossShare, long rttUs, long seed)
      throws IOException {
    return new LossyRelay(loop, listener, lossShare, rttUs, seed);
  }

  /** Where callers call. */
  InetSocketAddress address() {
    return Udp.loopback(Udp.port(front));
  }

  /** From now on packets are lost, or are not. */
  void lossy(boolean lossy) {
    loop.execute(
        () -> {
          forth.lossy(lossy);
          back.lossy(lossy);
        });
  }

  /** What went towards the listener. Waits. */
  RelayAccount forth() {
    return onLoop(forth::account);
  }

  /** What went towards the caller. Waits. */
  RelayAccount back() {
    return onLoop(back::account);
  }

  /** How late packets left towards the listener, in nanoseconds. Waits. */
  Spread lateness() {
    return onLoop(forth::lateness);
  }

  private <T> T onLoop(Supplier<T> question) {
    return CompletableFuture.supplyAsync(question, loop).join();
  }

  @Override
  public void close() {
    front.close().awaitUninterruptibly();
    rear.close().awaitUninterruptibly();
    onLoop(
        () -> {
          forth.close();
          back.close();
          return true;
        });
  }

  private final class Entrance extends SimpleChannelInboundHandler<DatagramPacket> {
    private final DelayLine line;

    private Entrance(DelayLine line) {
      this.line = line;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
      if (line == forth) {
        caller = datagram.sender();
      }
      line.accept(datagram.content().retain());
    }

    /** A listener that is not there yet, or no more: what was sent is lost, as anywhere. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!(cause instanceof IOException)) {
        context.fireExceptionCaught(cause);
      }
    }
  }

  private static final class Towards implements DelayLine.Exit {
    private @Nullable Channel channel;
    private Supplier<@Nullable InetSocketAddress> remote = () -> null;

    private void start(Channel channel, Supplier<@Nullable InetSocketAddress> remote) {
      this.channel = channel;
      this.remote = remote;
    }

    @Override
    public boolean send(ByteBuf packet) {
      Channel out = channel;
      InetSocketAddress to = remote.get();
      if (out == null || to == null || !out.isWritable()) {
        packet.release();
        return false;
      }
      out.write(new DatagramPacket(packet, to), out.voidPromise());
      return true;
    }

    @Override
    public void flush() {
      if (channel != null) {
        channel.flush();
      }
    }
  }
}
