package io.millrace.transport.http.client;

import io.millrace.transport.http.client.ClientFailure.Kind;
import io.millrace.transport.tls.ClientTls;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one server, and the requests that wait for one. HTTP/2 where the server agrees to
 * it (RFC 9113 §3.3), with a second connection only when the first is full; HTTP/1.1 else, a
 * connection for each request under way.
 *
 * <p>Everything happens on one event loop, which the pool is given; {@link #get} and {@link #close}
 * may be called from any thread.
 */
public final class HttpClientPool implements AutoCloseable {
  private static final long SWEEP_MS = 100;
  private static final int MAX_LINE_BYTES = 8 << 10;
  private static final int MAX_HEADER_BYTES = 32 << 10;
  private static final int MAX_CHUNK_BYTES = 32 << 10;

  private final EventLoop loop;
  private final Class<? extends SocketChannel> channelType;
  private final ClientTarget target;
  private final @Nullable ClientTls tls;
  private final ClientSettings settings;
  private final LongSupplier clockNs;
  private final Link link = new Link();
  private final List<ClientConnection> open = new ArrayList<>();
  private final Queue<Call> waiting = new ArrayDeque<>();
  private int opening;
  private boolean http2;
  private boolean known;
  private boolean closed;

  /**
   * @param loop borrowed, with the channel class that fits it
   * @param tls borrowed; null for HTTP/1.1 in the clear
   */
  public HttpClientPool(
      EventLoop loop,
      Class<? extends SocketChannel> channelType,
      ClientTarget target,
      @Nullable ClientTls tls,
      ClientSettings settings,
      LongSupplier clockNs) {
    this.loop = loop;
    this.channelType = channelType;
    this.target = target;
    this.tls = tls;
    this.settings = settings;
    this.clockNs = clockNs;
    this.known = tls == null;
    var sweeping =
        loop.scheduleWithFixedDelay(this::sweep, SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
    this.link.stopSweeping = () -> sweeping.cancel(false);
  }

  /** Asks. Any thread; the listener is called on the pool's loop, never before this returns. */
  public ClientCall get(ClientRequest request, ClientListener listener) {
    Call call = new Call(request, listener, clockNs.getAsLong());
    try {
      loop.execute(() -> submit(call));
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the event loop is shut down", e);
    }
    return () -> {
      try {
        loop.execute(() -> abandon(call));
      } catch (RejectedExecutionException e) {
        // The loop is shut down, and the call with it.
      }
    };
  }

  /** Fails everything under way, closes the connections; requests after this open others. */
  public void abort(String reason) {
    loop.execute(() -> failAll(new ClientFailure(Kind.CLOSED, reason)));
  }

  @Override
  public void close() {
    try {
      loop.execute(
          () -> {
            closed = true;
            link.stopSweeping.run();
            failAll(new ClientFailure(Kind.CLOSED, "the client was closed"));
          });
    } catch (RejectedExecutionException e) {
      // The loop is shut down, and its channels with it.
    }
  }

  private void submit(Call call) {
    if (call.done()) {
      return;
    }
    if (closed) {
      call.failed(new ClientFailure(Kind.CLOSED, "the client was closed"));
    } else if (waiting.size() >= settings.waiting()) {
      call.failed(new ClientFailure(Kind.BUSY, "too many requests wait for a connection"));
    } else {
      waiting.add(call);
      serve();
    }
  }

  private void abandon(Call call) {
    if (!call.done()) {
      call.drop();
      waiting.remove(call);
      ClientConnection at = call.connection;
      if (at != null) {
        at.abandon(call);
      }
    }
  }

  /** Gives waiting calls to connections that have room, the oldest first; opens what is missing. */
  private void serve() {
    assert loop.inEventLoop();
    for (int i = 0; i < open.size() && !waiting.isEmpty(); i++) {
      ClientConnection connection = open.get(i);
      while (!waiting.isEmpty() && connection.room() > 0) {
        connection.start(waiting.remove());
      }
    }
    for (int missing = closed ? 0 : wanted() - opening; missing > 0; missing--) {
      connect();
    }
  }

  /** Connections that should be opening now. */
  private int wanted() {
    if (waiting.isEmpty()) {
      return 0;
    }
    if (!known) {
      return 1;
    }
    int most = http2 ? settings.http2Connections() : settings.http1Connections();
    int each = http2 ? settings.streamsPerConnection() : 1;
    int needed = (waiting.size() + each - 1) / each;
    return Math.min(needed, Math.max(0, most - open.size()));
  }

  /** A name is looked up on a thread of its own: that blocks. */
  private void connect() {
    opening++;
    if (NetUtil.isValidIpV4Address(target.host()) || NetUtil.isValidIpV6Address(target.host())) {
      connect(new InetSocketAddress(target.host(), target.port()));
    } else {
      var _ = Thread.ofVirtual().name("lookup").start(this::lookUp);
    }
  }

  private void lookUp() {
    Runnable then;
    try {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getByName(target.host()), target.port());
      then = () -> connect(address);
    } catch (UnknownHostException e) {
      then = () -> connectFailed("no such host");
    }
    try {
      loop.execute(then);
    } catch (RejectedExecutionException e) {
      // The loop is shut down: nobody waits any more.
    }
  }

  private void connect(InetSocketAddress address) {
    ChannelFuture connecting =
        new Bootstrap()
            .group(loop)
            .channel(channelType)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(settings.connect().toMillis()))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    initialize(channel);
                  }
                })
            .connect(address);
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            connectFailed("" + done.cause());
          } else if (tls == null) {
            established(connecting.channel(), false);
          }
        });
  }

  private void initialize(Channel channel) {
    if (tls != null) {
      SslHandler handler = tls.newHandler(target.host(), target.port());
      handler.setHandshakeTimeoutMillis(settings.connect().toMillis());
      channel.pipeline().addLast(handler, new Handshake(handler));
    }
  }

  /** Waits for TLS, then puts the protocol in place that ALPN chose (RFC 7301). */
  private final class Handshake extends ChannelInboundHandlerAdapter {
    private final SslHandler handler;
    private boolean told;

    Handshake(SslHandler handler) {
      this.handler = handler;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent completed && !told) {
        told = true;
        if (completed.isSuccess()) {
          established(ctx.channel(), ClientTls.isHttp2(handler));
          ctx.pipeline().remove(this);
        } else {
          connectFailed("TLS: " + completed.cause());
          var _ = ctx.close();
        }
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (!told) {
        told = true;
        connectFailed("closed during the TLS handshake");
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!told) {
        told = true;
        connectFailed("" + cause);
      }
      var _ = ctx.close();
    }
  }

  private void established(Channel channel, boolean overHttp2) {
    opening--;
    known = true;
    http2 = overHttp2;
    ClientConnection connection;
    if (overHttp2) {
      Http2Client client = Http2ClientBuilder.build(link);
      channel.pipeline().addLast(client);
      connection = client;
    } else {
      Http1Client client = new Http1Client(link);
      channel
          .pipeline()
          .addLast(new HttpClientCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, MAX_CHUNK_BYTES), client);
      connection = client;
    }
    open.add(connection);
    channel
        .closeFuture()
        .addListener(
            _ -> {
              open.remove(connection);
              serve();
            });
    if (closed) {
      connection.close(new ClientFailure(Kind.CLOSED, "the client was closed"));
    }
    serve();
  }

  /** What waits only fails when nothing else may take it. */
  private void connectFailed(String detail) {
    opening--;
    if (open.isEmpty() && opening == 0) {
      failWaiting(new ClientFailure(Kind.CONNECT, target + ": " + detail));
    }
  }

  private void failWaiting(ClientFailure why) {
    List<Call> failed = List.copyOf(waiting);
    waiting.clear();
    failed.forEach(call -> call.failed(why));
  }

  private void failAll(ClientFailure why) {
    List.copyOf(open).forEach(connection -> connection.close(why));
    failWaiting(why);
  }

  private void sweep() {
    long nowNs = clockNs.getAsLong();
    for (ClientConnection connection : List.copyOf(open)) {
      connection.sweep(nowNs);
    }
    for (Call call : List.copyOf(waiting)) {
      if (call.isLate(nowNs) && waiting.remove(call)) {
        call.failed(new ClientFailure(Kind.TIMEOUT, target + ": no connection in time"));
      }
    }
  }

  /** The pool as its connections see it. */
  private final class Link implements ClientConnection.Owner {
    private Runnable stopSweeping = () -> {};

    @Override
    public void changed() {
      if (!waiting.isEmpty()) {
        serve();
      }
    }

    @Override
    public void again(Call call, ClientFailure otherwise) {
      call.connection = null;
      if (call.again || closed) {
        call.failed(otherwise);
      } else if (!call.done()) {
        call.again = true;
        loop.execute(() -> submit(call)); // not on the connection that is just closing
      }
    }

    @Override
    public long nowNs() {
      return clockNs.getAsLong();
    }

    @Override
    public ClientSettings settings() {
      return settings;
    }

    @Override
    public String authority() {
      return target.authority();
    }

    @Override
    public String scheme() {
      return tls == null ? "http" : "https";
    }
  }
}
