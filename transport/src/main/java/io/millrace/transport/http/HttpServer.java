package io.millrace.transport.http;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.QuicTls;
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
  private static final int ALT_SVC_SECONDS = 86_400;
  private static final int PORT_TRIES = 8;
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 2 * BodyPump.WINDOW_BYTES);

  private final Loops loops;
  private final ConnectionGate gate;
  private final Sweeper sweeper;
  private final Admission admission;
  final List<Channel> listeners = new CopyOnWriteArrayList<>();
  final List<Http3Listener> quicListeners = new CopyOnWriteArrayList<>();
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
    this.gate = new ConnectionGate(limits, clockNs);
    this.sweeper = new Sweeper(clockNs, limits);
    this.admission =
        new Admission(
            new ServerCore(limits, handler, stats, sweeper, clockNs, wallClock), gate, connections);
  }

  /**
   * Listens in the clear, for HTTP/1.1.
   *
   * @return the bound address, with the real port
   * @throws IOException when the address cannot be bound
   */
  public InetSocketAddress listen(InetSocketAddress address) throws IOException {
    return bind(address, null, null);
  }

  /**
   * Listens behind TLS 1.3, for HTTP/2 and HTTP/1.1 by ALPN.
   *
   * @param tls borrowed
   * @return the bound address, with the real port
   * @throws IOException when the address cannot be bound
   */
  public InetSocketAddress listen(InetSocketAddress address, ServerTls tls) throws IOException {
    return bind(address, tls, null);
  }

  /**
   * As {@link #listen(InetSocketAddress, ServerTls)}, with HTTP/3 on the UDP port of the same
   * number, which replies over TCP tell of ({@code alt-svc}).
   *
   * @param tls borrowed
   * @param quic borrowed
   * @return the bound address, with the real port
   * @throws IOException when either cannot be bound
   */
  public InetSocketAddress listen(InetSocketAddress address, ServerTls tls, QuicTls quic)
      throws IOException {
    return listen(address, tls, quic, Http3Listener.UNPROVEN_HANDSHAKES);
  }

  InetSocketAddress listen(
      InetSocketAddress address, ServerTls tls, QuicTls quic, int unprovenHandshakes)
      throws IOException {
    if (address.getPort() != 0) {
      return listenOn(address, tls, new Http3Listener(admission, quic, unprovenHandshakes));
    }
    for (int tries = 1; ; tries++) {
      Http3Listener listener = new Http3Listener(admission, quic, unprovenHandshakes);
      InetSocketAddress free =
          new InetSocketAddress(address.getAddress(), listener.bind(loops, address));
      try {
        InetSocketAddress bound = bind(free, tls, altSvc(free));
        quicListeners.add(listener);
        return bound;
      } catch (IOException e) {
        listener.close();
        if (tries == PORT_TRIES) { // a free port of UDP need not be free for TCP
          throw e;
        }
      }
    }
  }

  /** TCP first: another server that runs on this port would share the UDP port with us. */
  private InetSocketAddress listenOn(
      InetSocketAddress address, ServerTls tls, Http3Listener listener) throws IOException {
    InetSocketAddress bound = bind(address, tls, altSvc(address));
    try {
      listener.bind(loops, address);
      quicListeners.add(listener);
      return bound;
    } catch (IOException e) {
      listeners.removeLast().close().awaitUninterruptibly();
      throw e;
    }
  }

  private static String altSvc(InetSocketAddress address) {
    return "h3=\":" + address.getPort() + "\"; ma=" + ALT_SVC_SECONDS;
  }

  private InetSocketAddress bind(
      InetSocketAddress address, @Nullable ServerTls tls, @Nullable String altSvc)
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
            .childHandler(new ConnectionInitializer(admission, tls, altSvc))
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
   * close}, HTTP/2 and HTTP/3 connections get GOAWAY. What is left when {@code patience} ends is
   * cut off.
   *
   * @return completes when every connection is gone
   */
  public CompletableFuture<Void> drain(Duration patience) {
    stopListening();
    sweeper.drainAll();
    CompletableFuture<Void> gone = new CompletableFuture<>();
    var deadline =
        GlobalEventExecutor.INSTANCE.schedule(
            admission::closeAll, patience.toMillis(), TimeUnit.MILLISECONDS);
    connections
        .newCloseFuture()
        .addListener(
            future -> {
              deadline.cancel(false);
              closeQuic();
              gone.complete(null);
            });
    return gone;
  }

  /** Stops at once; waits until the sockets are closed. */
  @Override
  public void close() {
    stopListening();
    admission.closeAll();
    connections.newCloseFuture().awaitUninterruptibly();
    closeQuic();
  }

  /** The sockets of QUIC carry its connections, so they stay open as long as these. */
  private void stopListening() {
    for (Channel listener : listeners) {
      listener.close().awaitUninterruptibly();
    }
    listeners.clear();
    quicListeners.forEach(Http3Listener::stop);
  }

  private void closeQuic() {
    quicListeners.forEach(Http3Listener::close);
    quicListeners.clear();
  }
}
