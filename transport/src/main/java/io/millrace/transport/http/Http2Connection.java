package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection.PropertyKey;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 over one connection (RFC 9113). No channel per stream: a stream costs its {@link
 * StreamRequest}. Content waits in Netty's flow controller as references to shared arrays; it is
 * framed only when the peer's windows and the socket have room.
 *
 * <p>Confined to its event loop.
 */
final class Http2Connection extends Http2ConnectionHandler
    implements HttpConnection, Exchange.Outlet {
  private final Peer peer;
  private final PropertyKey requestKey;
  private @Nullable ChannelHandlerContext context;
  private final Farewell farewell;
  private final FrameCredit credit = new FrameCredit();
  private int requests;

  Http2Connection(
      Peer peer,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings) {
    super(decoder, encoder, settings, false, false);
    this.peer = peer;
    this.requestKey = connection().newKey();
    this.farewell = new Farewell(peer);
    connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onStreamRemoved(Http2Stream stream) {
                streamEnded(stream);
              }

              @Override
              public void onStreamClosed(Http2Stream stream) {
                streamEnded(stream);
              }
            });
  }

  FrameCredit credit() {
    return credit;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    peer.core.opened(peer.loop(), this);
    super.handlerAdded(ctx);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
    peer.core.closed(peer.loop(), this);
    super.handlerRemoved0(ctx);
  }

  /**
   * A request's fields are there; its content may follow.
   *
   * @throws Http2Exception of the stream, for fields that the codec takes and RFC 9113 does not
   */
  void headersRead(int streamId, Http2Headers headers, boolean endOfStream) throws Http2Exception {
    Http2Stream stream = connection().stream(streamId);
    if (stream == null) {
      return;
    }
    StreamRequest request = stream.getProperty(requestKey);
    if (request == null) {
      requireWellFormed(streamId, headers);
      request = new StreamRequest(peer, this, streamId, headers, HttpProtocol.HTTP_2);
      stream.setProperty(requestKey, request);
      credit.request();
      if (++requests == peer.core.limits().requestsPerConnection()) {
        peer.loop().execute(this::drain);
      }
    }
    if (endOfStream) {
      request.complete();
    }
  }

  /** RFC 9113 §8.2.1: no space at a value's end; §8.5: CONNECT has an authority only. */
  private static void requireWellFormed(int streamId, Http2Headers headers) throws Http2Exception {
    boolean malformed =
        HttpMethod.CONNECT.asciiName().contentEquals(headers.method())
            && (headers.path() != null || headers.scheme() != null);
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      CharSequence value = field.getValue();
      int length = value.length();
      malformed |=
          length > 0 && (value.charAt(length - 1) == ' ' || value.charAt(length - 1) == '\t');
    }
    if (malformed) {
      throw Http2Exception.streamError(
          streamId, Http2Error.PROTOCOL_ERROR, "malformed request fields");
    }
  }

  /** Borrows the content. */
  void dataRead(int streamId, ByteBuf content, boolean endOfStream) {
    Http2Stream stream = connection().stream(streamId);
    StreamRequest request = stream == null ? null : stream.getProperty(requestKey);
    if (request == null) {
      return;
    }
    request.content(content);
    if (endOfStream) {
      request.complete();
    }
  }

  @Override
  public void reply(Exchange exchange, HttpReply reply) {
    ChannelHandlerContext ctx = context;
    StreamRequest request = exchange.stream;
    if (ctx == null || request == null) {
      peer.core.done(exchange, reply.status(), 0, false);
      return;
    }
    request.reply(reply, new Frames(ctx, (int) request.streamId));
  }

  /** Frames of one stream. */
  private final class Frames implements StreamRequest.Frames {
    private final ChannelHandlerContext ctx;
    private final int streamId;

    Frames(ChannelHandlerContext ctx, int streamId) {
      this.ctx = ctx;
      this.streamId = streamId;
    }

    @Override
    public ChannelFuture head(HttpReply reply, boolean last) {
      int fields = reply.headers().size() + ReplyFields.MORE;
      Http2Headers head = ReplyFields.fill(new DefaultHttp2Headers(false, fields), reply, peer);
      return encoder().writeHeaders(ctx, streamId, head, 0, last, ctx.newPromise());
    }

    @Override
    public ChannelFuture data(ByteBuf slice, boolean last) {
      credit.content(slice.readableBytes());
      return encoder().writeData(ctx, streamId, slice, 0, last, ctx.newPromise());
    }

    @Override
    public ChannelFuture end() {
      return data(Unpooled.EMPTY_BUFFER, true);
    }

    @Override
    public void flush() {
      Http2Connection.this.flush(ctx);
    }

    @Override
    public void ended(BodyPump.Outcome outcome) {
      Http2Stream stream = connection().stream(streamId);
      if (stream == null) {
        return;
      }
      switch (outcome) {
        case COMPLETE -> {
          if (stream.state().remoteSideOpen()) {
            // The reply did not need the rest of the request (RFC 9113 §8.1).
            reset(ctx, streamId, Http2Error.NO_ERROR);
          }
        }
        case ABANDONED -> {
          peer.core.stats().streamAborted(CloseReason.CONTENT_ABANDONED);
          reset(ctx, streamId, Http2Error.INTERNAL_ERROR);
        }
        case FAILED -> {}
      }
    }
  }

  private void reset(ChannelHandlerContext ctx, int streamId, Http2Error error) {
    var _ = resetStream(ctx, streamId, error.code(), ctx.newPromise());
    ctx.flush();
  }

  private void streamEnded(Http2Stream stream) {
    StreamRequest request = stream.removeProperty(requestKey);
    if (request != null) {
      farewell.quiet();
      request.gone();
    }
  }

  @Override
  public int inFlight() {
    return connection().numActiveStreams();
  }

  @Override
  public void sweep(long nowNs) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      return;
    }
    if (connection().numActiveStreams() == 0) {
      farewell.sweep(nowNs, this::drain);
      return;
    }
    for (StreamRequest request : openRequests()) {
      CloseReason reason = request.overdue(nowNs);
      if (reason != null) {
        peer.core.stats().streamAborted(reason);
        reset(ctx, (int) request.streamId, Http2Error.CANCEL);
      }
    }
  }

  private List<StreamRequest> openRequests() {
    List<StreamRequest> requests = new ArrayList<>(connection().numActiveStreams());
    try {
      connection()
          .forEachActiveStream(
              stream -> {
                StreamRequest request = stream.getProperty(requestKey);
                if (request != null) {
                  requests.add(request);
                }
                return true;
              });
    } catch (Http2Exception e) {
      throw new IllegalStateException(e); // the visitor throws none
    }
    return requests;
  }

  /** Sends GOAWAY (RFC 9113 §6.8); {@link Farewell} closes. */
  @Override
  public void drain() {
    ChannelHandlerContext ctx = context;
    if (ctx != null && farewell.begin()) {
      var _ =
          goAway(
              ctx,
              connection().remote().lastStreamCreated(),
              Http2Error.NO_ERROR.code(),
              Unpooled.EMPTY_BUFFER,
              ctx.newPromise());
      flush(ctx);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      peer.abort(CloseReason.IO_ERROR);
    } else {
      super.exceptionCaught(ctx, cause);
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception error) {
    peer.because(error == null ? CloseReason.IO_ERROR : CloseReason.PROTOCOL_ERROR);
    super.onConnectionError(ctx, outbound, cause, error);
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException error) {
    if (!outbound && error.error() == Http2Error.FLOW_CONTROL_ERROR) {
      // By SETTINGS it has to end the connection (RFC 9113 §6.9.2), and otherwise it may.
      onConnectionError(
          ctx,
          false,
          cause,
          Http2Exception.connectionError(Http2Error.FLOW_CONTROL_ERROR, "window over 2^31-1"));
      return;
    }
    if (!outbound) {
      peer.core.stats().streamAborted(CloseReason.PROTOCOL_ERROR);
    }
    super.onStreamError(ctx, outbound, cause, error);
  }
}
