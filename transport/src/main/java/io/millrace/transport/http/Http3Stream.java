package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import org.jspecify.annotations.Nullable;

/**
 * One request stream of HTTP/3 (RFC 9114 §4.1): at the end of its channel's pipeline, behind the
 * frame codec.
 *
 * <p>A slice's future is done when quiche has taken the bytes, which it does as far as the peer's
 * windows and congestion control have room: that is the back-pressure of {@link BodyPump}.
 *
 * <p>Confined to the connection's event loop.
 */
final class Http3Stream extends Http3RequestStreamInboundHandler
    implements Exchange.Outlet, StreamRequest.Frames {
  /** DATA frames without content that a request may have; more only cost time. */
  private static final int MAX_EMPTY_FRAMES = 16;

  private static final int DATA_TYPE = 0;
  private static final int DATA_HEADER_BYTES = 1 + Integer.BYTES;

  /** Any length may be told in 4 bytes (RFC 9000 §16). */
  private static final int LENGTH_OF_4_BYTES = 0x8000_0000;

  private final Http3Connection connection;
  private final QuicStreamChannel channel;
  private final long startNs;
  private @Nullable StreamRequest request;
  private @Nullable ChannelFuture lastWrite;
  private int emptyFrames;
  private boolean ended;

  Http3Stream(Http3Connection connection, QuicStreamChannel channel, long startNs) {
    this.connection = connection;
    this.channel = channel;
    this.startNs = startNs;
  }

  /** The request's fields, or its trailers, which nobody wants. */
  @Override
  protected void channelRead(ChannelHandlerContext ctx, Http3HeadersFrame frame) {
    if (request == null) {
      request =
          new StreamRequest(
              connection.peer(), this, channel.streamId(), frame.headers(), HttpProtocol.HTTP_3);
    }
  }

  @Override
  protected void channelRead(ChannelHandlerContext ctx, Http3DataFrame frame) {
    try {
      if (!frame.content().isReadable() && ++emptyFrames > MAX_EMPTY_FRAMES) {
        connection.peer().core.stats().streamAborted(CloseReason.PROTOCOL_ERROR);
        reset(Http3ErrorCode.H3_EXCESSIVE_LOAD);
        connection.countReset();
      } else if (request != null) {
        request.content(frame.content());
      }
    } finally {
      frame.release();
    }
  }

  @Override
  protected void channelInputClosed(ChannelHandlerContext ctx) {
    if (request == null) {
      connection.peer().core.stats().streamAborted(CloseReason.PROTOCOL_ERROR);
      reset(Http3ErrorCode.H3_REQUEST_INCOMPLETE);
    } else {
      request.complete();
    }
  }

  @Override
  public void reply(Exchange exchange, HttpReply reply) {
    if (request == null || ended) {
      connection.peer().core.done(exchange, reply.status(), 0, false);
    } else {
      request.reply(reply, this);
    }
  }

  @Override
  public int inFlight() {
    return connection.inFlight();
  }

  @Override
  public ChannelFuture head(HttpReply reply, boolean last) {
    int fields = reply.headers().size() + ReplyFields.MORE;
    Http3Headers head =
        ReplyFields.fill(new DefaultHttp3Headers(false, fields), reply, connection.peer());
    return written(channel.write(new DefaultHttp3HeadersFrame(head)), last);
  }

  /**
   * A DATA frame (RFC 9114 §7.2.1) in one piece of direct memory, as quiche takes it, with FIN on
   * the last:
   *
   * <pre>
   * type 0 (8) | 1 0, length (30) | content …
   * </pre>
   *
   * Left to Netty's codec, the header is a buffer and a call of quiche by itself. And to end the
   * stream by itself has the connection send at once what it has, before the batch of datagrams
   * that it is being handled in is at its end (see {@link QuicBursts}).
   */
  @Override
  public ChannelFuture data(ByteBuf slice, boolean last) {
    int size = slice.readableBytes();
    ByteBuf frame = channel.alloc().directBuffer(DATA_HEADER_BYTES + size);
    frame.writeByte(DATA_TYPE).writeInt(LENGTH_OF_4_BYTES | size).writeBytes(slice);
    slice.release();
    lastWrite = channel.pipeline().firstContext().write(new DefaultQuicStreamFrame(frame, last));
    return lastWrite;
  }

  @Override
  public ChannelFuture end() {
    ChannelPromise ended = channel.newPromise();
    if (lastWrite == null) {
      return channel.shutdownOutput(ended);
    }
    finAfter(lastWrite, ended);
    return ended;
  }

  private ChannelFuture written(ChannelFuture write, boolean last) {
    lastWrite = write;
    if (last) {
      finAfter(write, channel.newPromise());
    }
    return write;
  }

  /** Netty sends FIN at once, past what it has queued; so it has to wait for the last write. */
  private void finAfter(ChannelFuture write, ChannelPromise fin) {
    write.addListener(
        future -> {
          if (future.isSuccess()) {
            var _ = channel.shutdownOutput(fin);
          } else {
            fin.tryFailure(future.cause());
          }
        });
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public void ended(BodyPump.Outcome outcome) {
    switch (outcome) {
      case COMPLETE -> {
        if (channel.isOpen() && !channel.isInputShutdown()) {
          // The reply did not need the rest of the request (RFC 9114 §4.1).
          var _ = channel.shutdownInput(Http3ErrorCode.H3_NO_ERROR.code());
          close();
        }
      }
      case ABANDONED -> {
        connection.peer().core.stats().streamAborted(CloseReason.CONTENT_ABANDONED);
        reset(Http3ErrorCode.H3_INTERNAL_ERROR);
      }
      case FAILED -> left();
    }
  }

  /** Ends what is over its deadline; notices that the client wants no reply any more. */
  void sweep(long nowNs) {
    CloseReason reason;
    if (request == null) {
      long limitNs = connection.peer().core.limits().requestRead().toNanos();
      reason = nowNs - startNs > limitNs ? CloseReason.REQUEST_TIMEOUT : null;
    } else {
      reason = request.overdue(nowNs);
    }
    if (reason != null) {
      connection.peer().core.stats().streamAborted(reason);
      reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
    } else if (request != null && QuicInternals.outputStopped(channel)) {
      left();
    }
  }

  /** The client has reset the stream, or wants no more of the reply (RFC 9000 §3.5). */
  private void left() {
    if (channel.isOpen()) {
      reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
      connection.countReset();
    }
  }

  /** Ends both directions, visibly cut short (RFC 9114 §8). */
  void reset(Http3ErrorCode error) {
    if (channel.isOpen()) {
      var _ = channel.shutdown(error.code(), channel.newPromise());
      close();
    }
  }

  private void close() {
    var _ = channel.close();
    gone();
  }

  private void gone() {
    if (!ended) {
      ended = true;
      connection.ended(this);
      if (request != null) {
        request.gone();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    gone();
    super.channelInactive(ctx);
  }

  @Override
  protected void handleQuicException(ChannelHandlerContext ctx, QuicException exception) {
    left();
    QuicInternals.forget(channel);
  }

  /** The codec has reset the stream, or closes the connection, after this. */
  @Override
  protected void handleHttp3Exception(ChannelHandlerContext ctx, Http3Exception exception) {
    malformed();
  }

  /** Fields that break a rule come here too; the codec ends our direction after this. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof QuicException || cause instanceof Http3Exception) {
      super.exceptionCaught(ctx, cause);
    } else {
      malformed();
    }
  }

  private void malformed() {
    if (channel.isOpen()) {
      connection.peer().core.stats().streamAborted(CloseReason.PROTOCOL_ERROR);
      reset(Http3ErrorCode.H3_MESSAGE_ERROR);
      connection.countReset();
    }
  }
}
