package io.millrace.transport.srt;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * UDP sockets as SRT wants them: with epoll datagrams are received many at a call (recvmmsg, by a
 * {@link DirectReader} or the channel itself) and sent many at a call (sendmmsg), and several
 * sockets may share an address; elsewhere one at a time.
 */
final class UdpChannels {
  private static final Logger LOG = LoggerFactory.getLogger(UdpChannels.class);

  /** A datagram of at most {@link SrtSettings#MAX_MTU_BYTES}, rounded up. */
  static final int MAX_DATAGRAM_BYTES = 1536;

  private static final int DATAGRAMS_PER_CALL = 32;
  private static final int CALLS_PER_READ = 8;
  private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(1 << 20, 4 << 20);
  private static final AtomicBoolean SMALL_BUFFER_LOGGED = new AtomicBoolean();

  private UdpChannels() {}

  static boolean isEpoll(EventLoop loop) {
    return loop instanceof IoEventLoop ioLoop && ioLoop.isIoType(EpollIoHandler.class);
  }

  /**
   * Opens a socket. Waits: not for event loops.
   *
   * @param shared whether other sockets may have the same address (SO_REUSEPORT, epoll only)
   * @throws IOException when the address cannot be bound
   */
  static Channel bind(
      EventLoop loop,
      InetSocketAddress address,
      int bufferBytes,
      boolean shared,
      ChannelHandler handler)
      throws IOException {
    ChannelFuture bound =
        bootstrap(loop, bufferBytes, shared, handler).bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("cannot listen on udp " + address, bound.cause());
    }
    checkBuffer(bound.channel(), bufferBytes);
    return bound.channel();
  }

  /** Opens a socket that hears {@code remote} only. Does not wait. */
  static ChannelFuture connect(
      EventLoop loop, InetSocketAddress remote, int bufferBytes, ChannelHandler handler) {
    return bootstrap(loop, bufferBytes, false, handler).connect(remote);
  }

  private static Bootstrap bootstrap(
      EventLoop loop, int bufferBytes, boolean shared, ChannelHandler handler) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .handler(handler)
            .option(ChannelOption.SO_RCVBUF, bufferBytes)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
    if (!isEpoll(loop)) {
      return bootstrap
          .channel(NioDatagramChannel.class)
          .option(
              ChannelOption.RECVBUF_ALLOCATOR,
              new ReceiveMemory(MAX_DATAGRAM_BYTES, DATAGRAMS_PER_CALL * CALLS_PER_READ));
    }
    bootstrap
        .channel(EpollDatagramChannel.class)
        .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_DATAGRAM_BYTES)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new ReceiveMemory(
                MAX_DATAGRAM_BYTES * DATAGRAMS_PER_CALL, DATAGRAMS_PER_CALL * CALLS_PER_READ));
    return shared ? bootstrap.option(EpollChannelOption.SO_REUSEPORT, true) : bootstrap;
  }

  private static void checkBuffer(Channel channel, int wantedBytes) {
    Integer gotBytes = channel.config().getOption(ChannelOption.SO_RCVBUF);
    // Linux says twice what it took, for its own needs.
    int usable = gotBytes == null ? wantedBytes : isEpollChannel(channel) ? gotBytes / 2 : gotBytes;
    if (usable < wantedBytes && SMALL_BUFFER_LOGGED.compareAndSet(false, true)) {
      LOG.atWarn()
          .addKeyValue("wanted_bytes", wantedBytes)
          .addKeyValue("got_bytes", usable)
          .addKeyValue("remedy", "sysctl net.core.rmem_max=" + wantedBytes)
          .log("srt receive buffer is smaller than wanted, bursts may be lost");
    }
  }

  private static boolean isEpollChannel(Channel channel) {
    return channel instanceof EpollDatagramChannel;
  }
}
