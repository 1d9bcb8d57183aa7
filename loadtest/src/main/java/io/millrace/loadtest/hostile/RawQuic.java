package io.millrace.loadtest.hostile;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A QUIC connection that opens streams and sends what it is told to on them, and reads what comes,
 * for nothing. HTTP/3 is the caller's business. Any thread but its own.
 */
final class RawQuic implements AutoCloseable {
  private static final int WAIT_S = 10;
  private static final long ROOM_NS = 1_000_000;

  /** A stream that the server wants nothing more of takes nothing more, and says nothing. */
  private static final long STOPPED_MS = 500;

  private final EventLoopGroup group;
  private final Channel socket;
  private final QuicChannel channel;

  private RawQuic(EventLoopGroup group, Channel socket, QuicChannel channel) {
    this.group = group;
    this.socket = socket;
    this.channel = channel;
  }

  /**
   * Connects, whatever the server's certificate is.
   *
   * @throws IOException when the server does not let it in
   */
  static RawQuic open(InetSocketAddress server) throws IOException, InterruptedException {
    QuicSslContext tls =
        QuicSslContextBuilder.forClient()
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .applicationProtocols("h3")
            .build();
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    Channel socket =
        new Bootstrap()
            .group(group)
            .channel(NioDatagramChannel.class)
            .handler(
                new QuicClientCodecBuilder()
                    .sslEngineProvider(
                        each -> tls.newEngine(each.alloc(), "localhost", server.getPort()))
                    .maxIdleTimeout(WAIT_S, TimeUnit.SECONDS)
                    .initialMaxData(1 << 20)
                    .initialMaxStreamDataBidirectionalLocal(1 << 16)
                    .initialMaxStreamDataUnidirectional(1 << 16)
                    .initialMaxStreamsUnidirectional(8)
                    .build())
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sync()
            .channel();
    Future<QuicChannel> connecting =
        QuicChannel.newBootstrap(socket)
            .handler(Deaf.INSTANCE)
            .streamHandler(Deaf.INSTANCE)
            .remoteAddress(server)
            .connect();
    if (!connecting.await(WAIT_S, TimeUnit.SECONDS) || !connecting.isSuccess()) {
      socket.close().await();
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException("no QUIC connection", connecting.cause());
    }
    return new RawQuic(group, socket, connecting.getNow());
  }

  boolean ended() {
    return !channel.isActive();
  }

  /** Waits for room for a stream; false once the server has ended the connection, or time is up. */
  boolean awaitRoom(QuicStreamType type, BooleanSupplier goOn) {
    while (goOn.getAsBoolean() && !ended()) {
      if (channel.peerAllowedStreams(type) > 0) {
        return true;
      }
      LockSupport.parkNanos(ROOM_NS);
    }
    return false;
  }

  /**
   * Opens a stream and sends on it.
   *
   * @return null when the server lets it open none
   */
  @Nullable QuicStreamChannel stream(QuicStreamType type, byte[] bytes)
      throws InterruptedException {
    Future<QuicStreamChannel> opened = channel.createStream(type, Deaf.INSTANCE);
    if (!opened.await(WAIT_S, TimeUnit.SECONDS) || !opened.isSuccess()) {
      return null;
    }
    QuicStreamChannel stream = opened.getNow();
    send(stream, bytes);
    return stream;
  }

  /** Sends more; false when there is no going on. */
  static boolean send(QuicStreamChannel stream, byte[] bytes) throws InterruptedException {
    return stream.writeAndFlush(Unpooled.copiedBuffer(bytes)).await(STOPPED_MS)
        && stream.isActive();
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly(WAIT_S, TimeUnit.SECONDS);
    socket.close().awaitUninterruptibly(WAIT_S, TimeUnit.SECONDS);
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @ChannelHandler.Sharable
  private static final class Deaf extends ChannelInboundHandlerAdapter {
    static final Deaf INSTANCE = new Deaf();

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // What the server does about it is seen by whether the connection goes on.
    }
  }
}
