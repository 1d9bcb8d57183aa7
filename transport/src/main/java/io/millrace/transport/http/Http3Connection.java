package io.millrace.transport.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http3.DefaultHttp3GoAwayFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/3 over one QUIC connection (RFC 9114): behind Netty's connection handler, which takes frames
 * apart and opens the control stream.
 *
 * <p>Requests may come before the handshake has ended, out of early data (RFC 9001 §4.6): the
 * channel is active from the client's Finished on, and until then exchanges say that they are
 * {@link HttpExchange#early early}.
 *
 * <p>Confined to its event loop.
 */
final class Http3Connection extends ChannelDuplexHandler implements HttpConnection {
  /** Streams of unknown types that a client may open (RFC 9114 §6.2.3), to grease or to annoy. */
  private static final int MAX_UNKNOWN_STREAMS = 64;

  private final Peer peer;
  private final QuicChannel channel;
  private final Runnable handshakeEnded;
  private final PathAliases aliases;
  private final @Nullable QuicBursts bursts;
  private final List<Runnable> renamed = new ArrayList<>();
  private final ChannelHandler faults = new Faults();
  private final Set<Http3Stream> streams = new LinkedHashSet<>();
  private final Farewell farewell;
  private final ResetWindow resets;
  private final long openedNs;
  private long nextStreamId;
  private int requests;
  private int unknownStreams;

  /**
   * @param aliases of the socket that it is on
   * @param bursts of that socket; null when they cannot be had
   * @param handshakeEnded told once, also when it failed
   */
  Http3Connection(
      Peer peer,
      QuicChannel channel,
      PathAliases aliases,
      @Nullable QuicBursts bursts,
      Runnable handshakeEnded) {
    this.peer = peer;
    this.aliases = aliases;
    this.bursts = bursts;
    this.channel = channel;
    this.handshakeEnded = handshakeEnded;
    this.farewell = new Farewell(peer);
    this.openedNs = peer.core.clockNs().getAsLong();
    HttpLimits limits = peer.core.limits();
    this.resets = new ResetWindow(limits.resetsPerWindow(), limits.resetWindow(), openedNs);
    peer.earlyWhile(() -> !channel.isActive());
  }

  Peer peer() {
    return peer;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    peer.core.opened(peer.loop(), this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    handshakeEnded.run();
    renamed.forEach(Runnable::run);
    peer.core.closed(peer.loop(), this);
  }

  /** Early data is delivered to a channel that reads before it is active. */
  @Override
  public void channelRegistered(ChannelHandlerContext ctx) {
    ctx.fireChannelRegistered();
    var _ = channel.read();
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    handshakeEnded.run();
    farewell.quiet();
    ctx.fireChannelActive();
  }

  /** A new stream, not registered yet; the connection handler before this one has set it up. */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof QuicStreamChannel stream
        && stream.type() == QuicStreamType.UNIDIRECTIONAL) {
      stream.pipeline().addLast(faults);
    }
    ctx.fireChannelRead(message);
  }

  /**
   * Of the datagrams that came together Netty takes one new stream; what others ask for, or the end
   * of that one's request in a datagram of its own, it reads after this.
   */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    if (bursts != null) {
      var _ = channel.read();
      bursts.send(channel);
    }
  }

  /** What a request stream ends with. */
  void requestStream(QuicStreamChannel stream) {
    Http3Stream request = new Http3Stream(this, stream, peer.core.clockNs().getAsLong());
    stream.pipeline().addLast(request);
    if (farewell.said() && stream.streamId() >= nextStreamId) {
      // Behind the GOAWAY that it may have crossed: not processed (RFC 9114 §5.2).
      request.reset(Http3ErrorCode.H3_REQUEST_REJECTED);
      return;
    }
    streams.add(request);
    nextStreamId = Math.max(nextStreamId, stream.streamId() + 4);
    if (++requests == peer.core.limits().requestsPerConnection()) {
      peer.loop().execute(this::drain);
    }
  }

  /** What a stream of an unknown type ends with: nothing of it is wanted. */
  ChannelHandler unknownStream() {
    if (++unknownStreams > MAX_UNKNOWN_STREAMS) {
      end(Http3ErrorCode.H3_EXCESSIVE_LOAD, "too many streams of unknown types");
    }
    return Discard.INSTANCE;
  }

  void ended(Http3Stream stream) {
    if (streams.remove(stream)) {
      farewell.quiet();
    }
  }

  /** A client may give up requests, but not make a sport of it (CVE-2023-44487). */
  void countReset() {
    if (!resets.count(peer.core.clockNs().getAsLong())) {
      end(Http3ErrorCode.H3_EXCESSIVE_LOAD, "too many requests given up");
    }
  }

  private void end(Http3ErrorCode error, String rule) {
    peer.because(CloseReason.PROTOCOL_ERROR);
    var _ =
        channel.close(true, error.code(), Unpooled.copiedBuffer(rule, StandardCharsets.US_ASCII));
  }

  int inFlight() {
    return streams.size();
  }

  @Override
  public void sweep(long nowNs) {
    if (!channel.isActive() && nowNs - openedNs > peer.core.limits().handshake().toNanos()) {
      peer.close(CloseReason.TLS_FAILED);
      return;
    }
    if (streams.isEmpty()) {
      if (channel.isActive()) {
        farewell.sweep(nowNs, this::drain);
      }
      return;
    }
    for (Http3Stream stream : streams.toArray(Http3Stream[]::new)) {
      stream.sweep(nowNs);
    }
  }

  /** Sends GOAWAY (RFC 9114 §5.2); {@link Farewell} closes. */
  @Override
  public void drain() {
    if (!farewell.begin()) {
      return;
    }
    QuicStreamChannel control = Http3.getLocalControlStream(channel);
    if (control == null) {
      peer.close(CloseReason.GRACEFUL); // before the handshake has ended
    } else {
      var _ = control.writeAndFlush(new DefaultHttp3GoAwayFrame(nextStreamId));
    }
  }

  /** The codec closes what breaks its rules; whatever else closes has given its reason before. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    peer.because(CloseReason.PROTOCOL_ERROR);
    var _ = ctx.close(promise);
  }

  /** A path that was given up gets another try (see {@link PathAliases}). */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof QuicPathEvent.FailedValidation failed
        && QuicInternals.useAnotherPath(channel)) {
      InetSocketAddress path = failed.remote();
      renamed.add(aliases.rename(path));
      // Netty 4.2.18 tells the port's two bytes the wrong way round; who has the other address
      // loses
      // nothing.
      int port = Short.reverseBytes((short) path.getPort()) & 0xffff;
      if (port != path.getPort()) {
        renamed.add(aliases.rename(new InetSocketAddress(path.getAddress(), port)));
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    peer.because(channel.isActive() ? CloseReason.PROTOCOL_ERROR : CloseReason.TLS_FAILED);
  }

  /** Behind control and QPACK streams, whose faults end the connection. */
  private final class Faults extends ChannelInboundHandlerAdapter {
    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof QuicException) && !(cause instanceof Http3Exception)) {
        end(Http3ErrorCode.H3_GENERAL_PROTOCOL_ERROR, "not understood");
      } // else the codec closes, or the peer has reset the stream
    }
  }

  private static final class Discard extends ChannelInboundHandlerAdapter {
    static final Discard INSTANCE = new Discard();

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }
  }
}
