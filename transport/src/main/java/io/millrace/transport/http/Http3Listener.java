package io.millrace.transport.http;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.QuicTls;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.SegmentedDatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3SettingsFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ServerConnectionHandler;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicCodecDispatcher;
import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * QUIC on one UDP address (RFC 9000), with HTTP/3 on top: with epoll a socket for each event loop,
 * among which the kernel spreads callers; a client that moves to another port or network is found
 * by its connection id, which names the socket. Methods may be called from any thread but an event
 * loop.
 */
final class Http3Listener implements AutoCloseable {
  /** Handshakes under way from which on callers have to prove their address. */
  static final int UNPROVEN_HANDSHAKES = 256;

  private static final int MAX_DATAGRAM_BYTES = 1536;
  private static final int DATAGRAMS_PER_CALL = 32;
  private static final int SOCKET_BUFFER_BYTES = 2 << 20;

  /** What Ethernet takes over IPv6; reached by path MTU discovery only (RFC 9000 §14.3). */
  private static final int MAX_SENT_DATAGRAM_BYTES = 1452;

  /**
   * As many as one call of the system can carry: an UDP datagram's bytes before the kernel cuts.
   */
  private static final int SEGMENTS_PER_SEND = 65_507 / MAX_SENT_DATAGRAM_BYTES;

  private static final DatagramFilter FILTER = new DatagramFilter();
  private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(1 << 20, 4 << 20);

  /** Control, QPACK's two, and what a client adds to grease (RFC 9114 §6.2). */
  private static final int UNIDIRECTIONAL_STREAMS = 8;

  private static final int UNIDIRECTIONAL_BYTES = 16 * 1024;

  /** What a client may have on the way to us, over all streams: requests are small. */
  private static final int CONNECTION_BYTES = 1 << 20;

  private static final int CONNECTION_IDS = 4;

  /** By which our own deadline for quiet connections, with its farewell, comes before QUIC's. */
  private static final long IDLE_MARGIN_MS = 5_000;

  private static final int MAX_UNKNOWN_FRAME_BYTES = 4 * 1024;

  private final Admission admission;
  private final QuicTls tls;
  private final int unprovenHandshakes;
  private final byte[] tokenKey = new byte[AddressValidation.KEY_BYTES];
  private final AtomicInteger handshakes = new AtomicInteger();
  private final AtomicInteger retries = new AtomicInteger();
  final List<Channel> sockets = new CopyOnWriteArrayList<>();
  private final List<InitialPackets> gates = new CopyOnWriteArrayList<>();
  private final Dispatcher dispatcher = new Dispatcher();

  /**
   * @param tls borrowed
   * @param unprovenHandshakes see {@link #UNPROVEN_HANDSHAKES}
   */
  Http3Listener(Admission admission, QuicTls tls, int unprovenHandshakes) {
    this.admission = admission;
    this.tls = tls;
    this.unprovenHandshakes = unprovenHandshakes;
    new SecureRandom().nextBytes(tokenKey);
  }

  /**
   * Opens the sockets.
   *
   * @return the real port
   * @throws IOException when the address cannot be bound; nothing is open then
   */
  int bind(Loops loops, InetSocketAddress address) throws IOException {
    boolean epoll = loops.serverChannel() == EpollServerSocketChannel.class;
    InetSocketAddress bound = address;
    for (EventExecutor loop : loops.group()) {
      ChannelFuture opened = bootstrap((EventLoop) loop, epoll).bind(bound).awaitUninterruptibly();
      if (!opened.isSuccess()) {
        close();
        throw new IOException("cannot listen on udp " + address, opened.cause());
      }
      sockets.add(opened.channel());
      int port = ((InetSocketAddress) opened.channel().localAddress()).getPort();
      bound = new InetSocketAddress(address.getAddress(), port);
      if (!epoll) {
        break; // sockets of one address are not spread over elsewhere
      }
    }
    return bound.getPort();
  }

  /** Callers that were sent away with a Retry. */
  int retries() {
    return retries.get();
  }

  /** Opens no more connections; those that are open go on. */
  void stop() {
    for (int i = 0; i < gates.size() && i < sockets.size(); i++) {
      sockets.get(i).eventLoop().execute(gates.get(i)::stop);
    }
  }

  /** Closes the sockets, and with them what connections are left. Waits. */
  @Override
  public void close() {
    for (Channel socket : sockets) {
      socket.close().awaitUninterruptibly();
    }
    sockets.clear();
  }

  private Bootstrap bootstrap(EventLoop loop, boolean epoll) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(FILTER, dispatcher);
                  }
                })
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
            .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
    return epoll
        ? bootstrap
            .channel(EpollDatagramChannel.class)
            .option(EpollChannelOption.SO_REUSEPORT, true)
            .option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_DATAGRAM_BYTES)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(MAX_DATAGRAM_BYTES * DATAGRAMS_PER_CALL))
        : bootstrap
            .channel(NioDatagramChannel.class)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM_BYTES));
  }

  /** Builds each socket's pipeline, and finds the socket that a connection id names. */
  private final class Dispatcher extends QuicCodecDispatcher {
    Dispatcher() {
      super(DatagramFilter.ID_BYTES);
    }

    @Override
    protected void initChannel(Channel channel, int idBytes, QuicConnectionIdGenerator ids) {
      InitialPackets initials = new InitialPackets();
      gates.add(initials);
      boolean epoll = channel instanceof EpollDatagramChannel;
      PathAliases aliases = new PathAliases();
      QuicOutput output =
          epoll && SegmentedDatagramPacket.isSupported() ? QuicOutput.open(channel.alloc()) : null;
      QuicBursts bursts = output == null ? null : new QuicBursts(output);
      channel.pipeline().addLast(aliases, initials);
      if (bursts != null) {
        channel.pipeline().addLast(bursts);
      }
      channel.pipeline().addLast(codec(initials, aliases, bursts, idBytes, ids, epoll));
    }
  }

  private ChannelHandler codec(
      InitialPackets initials,
      PathAliases aliases,
      @Nullable QuicBursts bursts,
      int idBytes,
      QuicConnectionIdGenerator ids,
      boolean epoll) {
    HttpLimits limits = admission.core().limits();
    QuicServerCodecBuilder builder =
        Http3.newQuicServerCodecBuilder()
            .sslEngineProvider(channel -> tls.newEngine(channel.alloc()))
            .localConnectionIdLength(idBytes)
            .connectionIdAddressGenerator(ids)
            .activeMigration(true)
            .activeConnectionIdLimit(CONNECTION_IDS)
            .maxIdleTimeout(limits.idle().toMillis() + IDLE_MARGIN_MS, TimeUnit.MILLISECONDS)
            .maxRecvUdpPayloadSize(MAX_DATAGRAM_BYTES)
            .maxSendUdpPayloadSize(MAX_SENT_DATAGRAM_BYTES)
            .discoverPmtu(true)
            .initialMaxData(CONNECTION_BYTES)
            .initialMaxStreamDataBidirectionalRemote(
                (long) limits.bodyBytes() + 2L * limits.headerBytes())
            .initialMaxStreamDataUnidirectional(UNIDIRECTIONAL_BYTES)
            .initialMaxStreamsBidirectional(limits.streamsPerConnection())
            .initialMaxStreamsUnidirectional(UNIDIRECTIONAL_STREAMS)
            .tokenHandler(
                new AddressValidation(tokenKey, this::proofWanted, admission.core().clockNs()))
            .handler(
                new ChannelInitializer<QuicChannel>() {
                  @Override
                  protected void initChannel(QuicChannel channel) {
                    opened(channel, initials, aliases, bursts);
                  }
                });
    return epoll
        ? builder
            .option(
                QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR,
                EpollQuicUtils.newSegmentedAllocator(SEGMENTS_PER_SEND))
            .build()
        : builder.build();
  }

  private boolean proofWanted() {
    if (handshakes.get() < unprovenHandshakes) {
      return false;
    }
    retries.incrementAndGet();
    return true;
  }

  private void opened(
      QuicChannel channel,
      InitialPackets initials,
      PathAliases aliases,
      @Nullable QuicBursts bursts) {
    Peer peer =
        channel.remoteSocketAddress() instanceof InetSocketAddress remote
            ? admission.admit(channel, remote, true, null)
            : null;
    if (peer == null) {
      channel.pipeline().addLast(new Refused());
      var _ = channel.close();
      return;
    }
    handshakes.incrementAndGet();
    AtomicBoolean ended = new AtomicBoolean();
    Runnable settled = initials.opened(channel);
    Http3Connection connection =
        new Http3Connection(
            peer,
            channel,
            aliases,
            bursts,
            () -> {
              if (ended.compareAndSet(false, true)) {
                handshakes.decrementAndGet();
                settled.run();
              }
            });
    channel.pipeline().addLast(codec(connection, peer.core.limits()), connection);
  }

  /** Keeps the faults of connections that were not let in out of the log. */
  private static final class Refused extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // It has been closed.
    }
  }

  /** QPACK's dynamic table is off in both directions: nothing to fill, nothing to wait for. */
  private static ChannelHandler codec(Http3Connection connection, HttpLimits limits) {
    Http3Settings settings =
        new Http3Settings()
            .qpackMaxTableCapacity(0)
            .qpackBlockedStreams(0)
            .maxFieldSectionSize(limits.headerBytes());
    return new Http3ServerConnectionHandler(
        new ChannelInitializer<QuicStreamChannel>() {
          @Override
          protected void initChannel(QuicStreamChannel stream) {
            connection.requestStream(stream);
          }
        },
        null,
        type -> connection.unknownStream(),
        new DefaultHttp3SettingsFrame(settings),
        true,
        null,
        null,
        MAX_UNKNOWN_FRAME_BYTES);
  }
}
