package io.millrace.transport.http;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.ServerTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server: any number of listeners, plain or behind TLS, before one handler. Methods may be
 * called from any thread but an event loop.
 */
public final class HttpServer implements AutoCloseable {
  /** The {@code Server} field. */
  static final String NAME = "Millrace";

  private static final int BACKLOG = 1024;
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 2 * BodyPump.WINDOW_BYTES);

  private final Loops loops;
  private final ServerCore core;
  private final ConnectionGate gate;
  final List<Channel> listeners = new CopyOnWriteArrayList<>();
  private final ChannelGroup connections =
      new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

  /**
   * @param loops borrowed: the caller shuts them down, after this server
   */
  public HttpServer(Loops loops, HttpLimits limits, HttpHandler handler, HttpStats stats) {
    this(loops, limits, handler, stats, System::nanoTime, InstantSource.system());
  }

  HttpServer(
      Loops loops,
      HttpLimits limits,
      HttpHandler handler,
      HttpStats stats,
      LongSupplier clockNs,
      InstantSource wallClock) {
    this.loops = loops;
    this.gate = new ConnectionGate(limits);
    this.core =
        new ServerCore(limits, handler, stats, new Sweeper(clockNs, limits), clockNs, wallClock);
  }

  /**
   * Listens in the clear, for HTTP/1.1.
   *
   * @return the bound address, with the real port
   * @throws IOException when the address cannot be bound
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    return bind(address, null);
  }

  /**
   * Listens behind TLS 1.3, for HTTP/2 and HTTP/1.1 by ALPN.
   *
   * @param tls borrowed
   * @return the bound address, with the real port
   * @throws IOException when the address cannot be bound
   */
  public InetSocketAddress listen(InetSocketAddress address, ServerTls tls) throws IOException {
    return bind(address, tls);
  }

  private InetSocketAddress bind(InetSocketAddress address, @Nullable ServerTls tls)
      throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childHandler(new ConnectionInitializer(core, gate, connections, tls))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on " + address, bound.cause());
    }
    listeners.add(bound.channel());
    return (InetSocketAddress) bound.channel().localAddress();
  }

  /** Connections open now. */
  public int connections() {
    return gate.open();
  }

  /**
   * Stops accepting and lets requests in flight finish: HTTP/1.1 replies carry {@code connection:
   * close}, HTTP/2 connections get GOAWAY. What is left when {@code patience} ends is cut off.
   *
   * @return completes when every connection is gone
   */
  public CompletableFuture<Void> drain(Duration patience) {
    stopListening();
    core.sweeper().drainAll();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    var deadline =
        GlobalEventExecutor.INSTANCE.schedule(
            this::closeConnections, patience.toMillis(), TimeUnit.MILLISECONDS);
    connections
        .newCloseFuture()
        .addListener(
            future -> {
              deadline.cancel(false);
              gone.complete(null);
            });
    return gone;
  }

  /** Stops at once; waits until the sockets are closed. */
  @Override
  public void close() {
    stopListening();
    closeConnections();
    connections.newCloseFuture().awaitUninterruptibly();
  }

  private void stopListening() {
    for (Channel listener : listeners) {
      listener.close().awaitUninterruptibly();
    }
    listeners.clear();
  }

  private void closeConnections() {
    for (Channel connection : connections) {
      Peer peer = connection.attr(ConnectionInitializer.PEER).get();
      if (peer != null) {
        connection.eventLoop().execute(() -> peer.abort(CloseReason.SHUTDOWN));
      }
    }
  }
}
