package io.millrace.transport.rtmp;

import io.millrace.transport.Loops;
import io.millrace.transport.PublisherLimiter;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An RTMP or RTMPS listener and the connections that came in through it. Methods may be called from
 * any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of closing and of adding listeners
public final class RtmpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RtmpServer.class);

  /** Half of what an unauthenticated connection may hold, so that one read never exceeds it. */
  private static final int MAX_READ_BYTES = 32 << 10;

  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(8 << 10, 32 << 10);
  private static final long NOT_LOGGED_NS = TimeUnit.SECONDS.toNanos(1);

  /** Tells a session to end. */
  record Shutdown(String reason) {}

  /** Tells a session to have its publisher go elsewhere. */
  record Drain(String tcUrl, String description) {}

  private final RtmpSettings settings;
  private final @Nullable Function<ByteBufAllocator, ? extends ChannelHandler> tls;
  private final RtmpPublishHandler handler;
  private final PublisherLimiter limiter;
  private final Ticker ticker = Ticker.systemTicker();
  private final ChannelGroup connections =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, /* stayClosed= */ true);
  private final AtomicLong refusalLoggedNs = new AtomicLong(ticker.nanoTime() - NOT_LOGGED_NS);

  // Set in bind, before the server is given away.
  @SuppressWarnings("NullAway.Init")
  private Channel listener;

  private RtmpServer(
      RtmpSettings settings,
      @Nullable Function<ByteBufAllocator, ? extends ChannelHandler> tls,
      RtmpPublishHandler handler) {
    this.settings = settings;
    this.tls = tls;
    this.handler = handler;
    this.limiter =
        new PublisherLimiter(settings.maxConnections(), settings.maxUnauthenticatedPerAddress());
  }

  /**
   * Listens.
   *
   * @param loops borrowed: the caller shuts them down, after this server
   * @param address port 0 takes a free one
   * @param tls makes the TLS handler of each new connection, such as {@code serverTls::newHandler},
   *     or the gate in front of it, which has a deadline of its own; null for plain RTMP
   * @throws IOException when the address cannot be bound
   */
  public static RtmpServer bind(
      Loops loops,
      InetSocketAddress address,
      RtmpSettings settings,
      @Nullable Function<ByteBufAllocator, ? extends ChannelHandler> tls,
      RtmpPublishHandler handler)
      throws IOException {
    RtmpServer server = new RtmpServer(settings, tls, handler);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(ChannelOption.SO_BACKLOG, 256)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(512, 4096, MAX_READ_BYTES))
            .childHandler(server.new Initializer())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on " + address, bound.cause());
    }
    server.listener = bound.channel();
    return server;
  }

  /** Where it listens, with the real port. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** Connections open now. */
  public int connections() {
    return limiter.connections();
  }

  /** Connections refused because of a limit, since the start. */
  public long refusedConnections() {
    return limiter.refused();
  }

  /** Stops listening; connections go on. */
  public CompletableFuture<Void> stopListening() {
    return toCompletable(listener.close());
  }

  /**
   * Stops listening and asks publishers to go on elsewhere; those that have not said that they can
   * do so are not told. Everyone may go on publishing here for {@code patience}; who is left then
   * is ended as in {@link #shutdown}. Connections that do not publish are ended at once.
   *
   * @param tcUrl where to go, see {@link RtmpPublication#requestReconnect}; empty: where they have
   *     connected to
   * @param reason told to publishers, printable
   * @return completes when the last connection is gone, some seconds after {@code patience} at most
   */
  public CompletableFuture<Void> drain(Duration patience, String tcUrl, String reason) {
    CompletableFuture<Void> stopped = stopListening();
    fire(new Drain(tcUrl, reason));
    var late =
        listener
            .eventLoop()
            .schedule(() -> fire(new Shutdown(reason)), patience.toNanos(), TimeUnit.NANOSECONDS);
    CompletableFuture<Void> gone = new CompletableFuture<>();
    connections
        .newCloseFuture()
        .addListener(
            _ -> {
              late.cancel(false);
              gone.complete(null);
            });
    return stopped.thenCombine(gone, (_, _) -> null);
  }

  /**
   * Stops listening and ends every connection; publishers are told that they are unpublished.
   *
   * @return completes when the last connection is gone, some seconds at most
   */
  public CompletableFuture<Void> shutdown(String reason) {
    CompletableFuture<Void> stopped = stopListening();
    fire(new Shutdown(reason));
    CompletableFuture<Void> gone = new CompletableFuture<>();
    connections.newCloseFuture().addListener(_ -> gone.complete(null));
    return stopped.thenCombine(gone, (_, _) -> null);
  }

  private void fire(Object event) {
    connections.forEach(channel -> channel.pipeline().fireUserEventTriggered(event));
  }

  /** Begins {@link #shutdown} and does not wait for it. */
  @Override
  public void close() {
    CompletableFuture<Void> unused = shutdown("the server is shutting down");
  }

  private static CompletableFuture<Void> toCompletable(ChannelFuture future) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    future.addListener(_ -> result.complete(null));
    return result;
  }

  private final class Initializer extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      InetSocketAddress remote = channel.remoteAddress();
      if (remote == null) {
        channel.close(); // gone between accept and here
        return;
      }
      String sessionId = "rtmp-%016x".formatted(ThreadLocalRandom.current().nextLong());
      PublisherLimiter.Lease lease = limiter.tryAcquire(remote.getAddress());
      if (lease == null) {
        refuse(channel, sessionId, remote);
        return;
      }
      SessionAccount account =
          new SessionAccount(sessionId, remote, tls != null, ticker.nanoTime());
      channel.closeFuture().addListener(_ -> lease.release());
      if (tls != null) {
        ChannelHandler tlsHandler = tls.apply(channel.alloc());
        if (tlsHandler instanceof SslHandler engine) {
          engine.setHandshakeTimeoutMillis(settings.handshakeDeadline().toMillis());
        }
        channel.pipeline().addLast(tlsHandler);
      }
      channel.pipeline().addLast(new RtmpServerSession(account, settings, handler, lease, ticker));
      connections.add(channel);
    }
  }

  private void refuse(SocketChannel channel, String sessionId, InetSocketAddress remote) {
    EndReason reason = EndReason.of(EndReason.Kind.OVER_LIMIT, "too many connections");
    long nowNs = ticker.nanoTime();
    long loggedNs = refusalLoggedNs.get();
    if (nowNs - loggedNs >= NOT_LOGGED_NS && refusalLoggedNs.compareAndSet(loggedNs, nowNs)) {
      LOG.atWarn()
          .addKeyValue("session", sessionId)
          .addKeyValue("remote", remote)
          .addKeyValue("reason", reason.text())
          .addKeyValue("refused_in_all", limiter.refused())
          .log("rtmp connection refused");
    }
    channel.close();
    handler.sessionEnded(
        new RtmpSessionSummary(
            sessionId, remote, tls != null, null, "", false, reason, 0, 0, 0, 0, 0));
  }
}
