package io.millrace.loadtest.srt;

import io.millrace.transport.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** UDP sockets on the loopback interface, for the loops of {@link Loops#open}. */
final class Udp {
  private static final int DATAGRAM_BYTES = 2048;
  private static final int DATAGRAMS_PER_READ = 256;
  private static final int BUFFER_BYTES = 4 << 20;
  private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(2 << 20, 4 << 20);

  private Udp() {}

  /** Opens a socket on a free port. Waits: not for event loops. */
  static Channel open(EventLoop loop, ChannelHandler handler) throws IOException {
    return await(bootstrap(loop, handler).bind(InetAddress.getLoopbackAddress(), 0));
  }

  /** Opens a socket that sends to {@code remote} and hears nobody else. Waits. */
  static Channel connect(EventLoop loop, InetSocketAddress remote, ChannelHandler handler)
      throws IOException {
    return await(bootstrap(loop, handler).connect(remote));
  }

  static int port(Channel channel) {
    return ((InetSocketAddress) channel.localAddress()).getPort();
  }

  static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * A port that was free a moment ago, for a program that cannot be told to take any.
   *
   * @param loop borrowed
   */
  static int freePort(EventLoop loop) throws IOException {
    Channel probe = open(loop, new io.netty.channel.ChannelInboundHandlerAdapter());
    int port = port(probe);
    probe.close().awaitUninterruptibly();
    return port;
  }

  private static Bootstrap bootstrap(EventLoop loop, ChannelHandler handler) {
    Class<? extends DatagramChannel> type =
        Epoll.isAvailable() ? EpollDatagramChannel.class : NioDatagramChannel.class;
    return new Bootstrap()
        .group(loop)
        .channel(type)
        .handler(handler)
        .option(ChannelOption.SO_RCVBUF, BUFFER_BYTES)
        .option(ChannelOption.SO_SNDBUF, BUFFER_BYTES)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(DATAGRAM_BYTES).maxMessagesPerRead(DATAGRAMS_PER_READ));
  }

  private static Channel await(ChannelFuture opened) throws IOException {
    opened.awaitUninterruptibly();
    if (!opened.isSuccess()) {
      throw new IOException("no UDP socket", opened.cause());
    }
    return opened.channel();
  }
}
