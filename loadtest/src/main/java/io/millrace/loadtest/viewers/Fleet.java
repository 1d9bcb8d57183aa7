package io.millrace.loadtest.viewers;

import io.millrace.transport.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of viewers of one document on a few event loops, connected at a bounded rate. What each
 * does after an answer is a {@link Script}'s business.
 */
final class Fleet implements AutoCloseable {
  private static final int CONNECTS_AT_ONCE = 200;
  private static final int READ_BYTES = 16 << 10;

  /** Decides what viewers ask for; called on the viewer's event loop. */
  interface Script {
    void begin(Viewer viewer);

    void answered(Viewer viewer, int status, long bodyBytes);
  }

  private final Loops loops;
  private final InetSocketAddress address;
  private final @Nullable SslContext tls;
  private volatile Script script;
  private final Queue<Viewer> viewers = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connected = new AtomicInteger();
  private final LongAdder answers = new LongAdder();
  private final LongAdder bodyBytes = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final AtomicReference<@Nullable String> failure = new AtomicReference<>();

  /**
   * @param loops borrowed
   * @param tls borrowed; null for plain HTTP
   */
  Fleet(Loops loops, InetSocketAddress address, @Nullable SslContext tls, Script script) {
    this.loops = loops;
    this.address = address;
    this.tls = tls;
    this.script = script;
  }

  /**
   * Connects {@code count} viewers, some hundreds at a time, and has each begin.
   *
   * @throws IOException when one cannot connect, or not all have within {@code limit}
   */
  void connect(int count, Duration limit) throws IOException, InterruptedException {
    Bootstrap bootstrap = bootstrap();
    long deadlineNs = System.nanoTime() + limit.toNanos();
    int started = 0;
    while (connected.get() < count) {
      requireHealth();
      if (System.nanoTime() - deadlineNs > 0) {
        throw new IOException(connected + " of " + count + " viewers connected in " + limit);
      }
      while (started < count && started - connected.get() < CONNECTS_AT_ONCE) {
        started++;
        var _ =
            bootstrap
                .connect(address)
                .addListener(
                    done -> {
                      if (!done.isSuccess()) {
                        failure.compareAndSet(null, "connect: " + done.cause());
                      }
                    });
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  /** Goes on by another script; those who wait for an answer go on by it too. */
  void play(Script next) {
    script = next;
  }

  private Bootstrap bootstrap() {
    return new Bootstrap()
        .group(loops.group())
        .channel(loops.channel())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 20_000)
        .option(ChannelOption.SO_RCVBUF, READ_BYTES)
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                Viewer viewer = new Viewer(new Events());
                viewers.add(viewer);
                if (tls != null) {
                  SslHandler handler = tls.newHandler(channel.alloc());
                  channel.pipeline().addLast(handler);
                }
                channel.pipeline().addLast(new WhenReady(viewer, tls != null), viewer);
              }
            });
  }

  /** Tells the viewer when its connection can be used, and leaves. */
  private static final class WhenReady extends ChannelInboundHandlerAdapter {
    private final Viewer viewer;
    private final boolean afterHandshake;

    WhenReady(Viewer viewer, boolean afterHandshake) {
      this.viewer = viewer;
      this.afterHandshake = afterHandshake;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      if (!afterHandshake) {
        leave(ctx);
      }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent completed && completed.isSuccess()) {
        leave(ctx);
      }
    }

    private void leave(ChannelHandlerContext ctx) {
      ChannelHandlerContext of = ctx.pipeline().context(viewer);
      ctx.pipeline().remove(this);
      viewer.ready(of);
    }
  }

  private final class Events implements Viewer.Listener {
    @Override
    public void connected(Viewer viewer) {
      connected.incrementAndGet();
      script.begin(viewer);
    }

    @Override
    public void answered(Viewer viewer, int status, long bytes) {
      answers.increment();
      bodyBytes.add(bytes);
      if (status != 200) {
        refused.increment();
        failure.compareAndSet(null, "status " + status);
      }
      script.answered(viewer, status, bytes);
    }

    @Override
    public void failed(Viewer viewer, String reason) {
      failure.compareAndSet(null, reason);
    }
  }

  /**
   * @throws IOException when anything has gone wrong so far, with the first thing that did
   */
  void requireHealth() throws IOException {
    String reason = failure.get();
    if (reason != null) {
      throw new IOException("viewers: " + reason + "; answers that were no 200: " + refused);
    }
  }

  Queue<Viewer> viewers() {
    return viewers;
  }

  long answers() {
    return answers.sum();
  }

  long bodyBytes() {
    return bodyBytes.sum();
  }

  @Override
  public void close() {
    viewers.forEach(Viewer::close);
  }
}
