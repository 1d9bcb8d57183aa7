package io.millrace.transport.http;

import io.millrace.transport.http.HttpReply.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
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
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 over one connection (RFC 9113). No channel per stream: a stream costs its {@link
 * Http2Request}. Content waits in Netty's flow controller as references to shared arrays; it is
 * framed only when the peer's windows and the socket have room.
 *
 * <p>Confined to its event loop.
 */
final class Http2Connection extends Http2ConnectionHandler
    implements HttpConnection, Exchange.Outlet {
  private static final long GOAWAY_GRACE_NS = 500_000_000L;

  private final Peer peer;
  private final PropertyKey requestKey;
  private @Nullable ChannelHandlerContext context;
  private boolean draining;
  private int requests;
  private long idleSinceNs;

  Http2Connection(
      Peer peer,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings) {
    super(decoder, encoder, settings, false, false);
    this.peer = peer;
    this.requestKey = connection().newKey();
    this.idleSinceNs = peer.core.clockNs().getAsLong();
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

  /** A request's fields are there; its content may follow. */
  void headersRead(int streamId, Http2Headers headers, boolean endOfStream) {
    Http2Stream stream = connection().stream(streamId);
    if (stream == null) {
      return;
    }
    Http2Request request = stream.getProperty(requestKey);
    if (request == null) {
      request = new Http2Request(streamId, headers, peer.core.clockNs().getAsLong());
      stream.setProperty(requestKey, request);
      if (++requests == peer.core.limits().requestsPerConnection()) {
        peer.loop().execute(this::drain);
      }
    }
    if (endOfStream) {
      dispatch(request);
    }
  }

  /** Borrows the content. */
  void dataRead(int streamId, ByteBuf content, boolean endOfStream) {
    Http2Stream stream = connection().stream(streamId);
    Http2Request request = stream == null ? null : stream.getProperty(requestKey);
    if (request == null || request.exchange != null) {
      return;
    }
    if (!request.append(content, peer.core.limits().bodyBytes())) {
      open(request).respond(Http1Reader.tooLarge());
    } else if (endOfStream) {
      dispatch(request);
    }
  }

  private void dispatch(Http2Request request) {
    if (request.exchange != null) {
      return;
    }
    Exchange exchange = open(request);
    HttpReply refusal = request.refusal;
    if (refusal != null) {
      exchange.respond(refusal);
    } else {
      peer.core.dispatch(exchange);
    }
  }

  private Exchange open(Http2Request request) {
    Exchange exchange =
        new Exchange(
            request.request,
            request.body(),
            peer.remote,
            peer.secure,
            peer.loop(),
            this,
            peer.core.clockNs().getAsLong());
    request.exchange = exchange;
    exchange.streamId = request.streamId;
    return exchange;
  }

  @Override
  public void reply(Exchange exchange, HttpReply reply) {
    ChannelHandlerContext ctx = context;
    Http2Stream stream = connection().stream(exchange.streamId);
    Http2Request request = stream == null ? null : stream.getProperty(requestKey);
    if (ctx == null || request == null || request.exchange != exchange || exchange.cancelled()) {
      peer.core.done(exchange, reply.status(), 0, false);
      return;
    }
    boolean content = reply.body().sizeBytes() != 0 && !exchange.method().equals("HEAD");
    BodyPump pump =
        new BodyPump(
            content ? reply.body() : ReplyBody.EMPTY,
            writer(ctx, request, exchange, reply.status()),
            peer.loop(),
            peer.core.clockNs());
    request.pump = pump;
    pump.start(
        encoder().writeHeaders(ctx, exchange.streamId, head(reply), 0, !content, ctx.newPromise()));
  }

  private Http2Headers head(HttpReply reply) {
    Http2Headers head = new DefaultHttp2Headers(false, reply.headers().size() + 4);
    head.status(Integer.toString(reply.status()));
    for (Header header : reply.headers()) {
      head.add(header.name(), header.value());
    }
    head.set("date", peer.core.date());
    head.set("server", HttpServer.NAME);
    long sizeBytes = reply.body().sizeBytes();
    if (reply.status() != 204 && reply.status() != 304 && sizeBytes != ReplyBody.UNKNOWN) {
      head.set("content-length", Long.toString(sizeBytes));
    }
    return head;
  }

  private BodyPump.Writer writer(
      ChannelHandlerContext ctx, Http2Request request, Exchange exchange, int status) {
    return new BodyPump.Writer() {
      @Override
      public ChannelFuture write(ByteBuf slice, int starts, boolean last) {
        return encoder().writeData(ctx, exchange.streamId, slice, 0, last, ctx.newPromise());
      }

      @Override
      public ChannelFuture end() {
        return write(Unpooled.EMPTY_BUFFER, 0, true);
      }

      @Override
      public void flush() {
        Http2Connection.this.flush(ctx);
      }

      @Override
      public void done(BodyPump.Outcome outcome, long sentBytes) {
        request.pump = null;
        peer.core.done(exchange, status, sentBytes, outcome == BodyPump.Outcome.COMPLETE);
        Http2Stream stream = connection().stream(exchange.streamId);
        if (stream == null) {
          return;
        }
        switch (outcome) {
          case COMPLETE -> {
            if (stream.state().remoteSideOpen()) {
              // The reply did not need the rest of the request (RFC 9113 §8.1).
              reset(ctx, exchange.streamId, Http2Error.NO_ERROR);
            }
          }
          case ABANDONED -> {
            peer.core.stats().streamAborted(CloseReason.CONTENT_ABANDONED);
            reset(ctx, exchange.streamId, Http2Error.INTERNAL_ERROR);
          }
          case FAILED -> {}
        }
      }
    };
  }

  private void reset(ChannelHandlerContext ctx, int streamId, Http2Error error) {
    var _ = resetStream(ctx, streamId, error.code(), ctx.newPromise());
    ctx.flush();
  }

  private void streamEnded(Http2Stream stream) {
    Http2Request request = stream.removeProperty(requestKey);
    if (request == null) {
      return;
    }
    idleSinceNs = peer.core.clockNs().getAsLong();
    Exchange exchange = request.exchange;
    BodyPump pump = request.pump;
    if (pump != null) {
      pump.gone();
    } else if (exchange != null && exchange.cancel()) {
      peer.core.done(exchange, 499, 0, false);
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
      long quietNs = nowNs - idleSinceNs;
      if (draining && quietNs > GOAWAY_GRACE_NS) {
        peer.close(CloseReason.GRACEFUL);
      } else if (!draining && quietNs > peer.core.limits().idle().toNanos()) {
        peer.because(CloseReason.IDLE);
        drain();
      }
      return;
    }
    for (Http2Request request : openRequests()) {
      sweep(ctx, request, nowNs);
    }
  }

  private void sweep(ChannelHandlerContext ctx, Http2Request request, long nowNs) {
    BodyPump pump = request.pump;
    CloseReason reason = null;
    if (pump != null && pump.stalled(nowNs, peer.core.limits().write().toNanos())) {
      reason = CloseReason.WRITE_TIMEOUT;
    } else if (request.exchange == null
        && nowNs - request.startNs > peer.core.limits().requestRead().toNanos()) {
      reason = CloseReason.REQUEST_TIMEOUT;
    }
    if (reason != null) {
      peer.core.stats().streamAborted(reason);
      reset(ctx, request.streamId, Http2Error.CANCEL);
    }
  }

  private List<Http2Request> openRequests() {
    List<Http2Request> requests = new ArrayList<>(connection().numActiveStreams());
    try {
      connection()
          .forEachActiveStream(
              stream -> {
                Http2Request request = stream.getProperty(requestKey);
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

  /**
   * Sends GOAWAY (RFC 9113 §6.8). The connection is closed a moment after the last stream in flight
   * has ended: a request that was sent before GOAWAY came is then known to be unprocessed, where a
   * reset would leave that open.
   */
  @Override
  public void drain() {
    ChannelHandlerContext ctx = context;
    if (!draining && ctx != null) {
      draining = true;
      peer.because(CloseReason.GRACEFUL);
      idleSinceNs = peer.core.clockNs().getAsLong();
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
    if (!outbound) {
      peer.core.stats().streamAborted(CloseReason.PROTOCOL_ERROR);
    }
    super.onStreamError(ctx, outbound, cause, error);
  }
}
