package io.millrace.transport.http;

import io.millrace.transport.http.HttpReply.Header;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 over one connection: one request is answered at a time, pipelined ones wait in order
 * (RFC 9112 §9.3.2). While any waits, the socket is not read.
 *
 * <p>Sits behind Netty's request decoder and response encoder. Confined to its event loop.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter
    implements HttpConnection, Exchange.Outlet {
  private static final long NONE = Long.MIN_VALUE;

  /** How long a refused client may go on sending before the socket is closed under its reply. */
  private static final long LINGER_NS = 1_000_000_000L;

  private final Peer peer;
  private final Http1Reader reader;
  private final Queue<Http1Request> waiting = new ArrayDeque<>();
  private @Nullable Http1Request current;
  private @Nullable Exchange exchange;
  private @Nullable BodyPump pump;
  private boolean dispatching;
  private boolean draining;
  private int requests;
  private long idleSinceNs;
  private long requestStartNs;
  private long lingerSinceNs = NONE;

  Http1Connection(Peer peer) {
    this.peer = peer;
    this.reader = new Http1Reader(peer.core.limits());
    this.idleSinceNs = peer.core.clockNs().getAsLong();
    this.requestStartNs = idleSinceNs;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    peer.core.opened(peer.loop(), this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    peer.core.closed(peer.loop(), this);
  }

  /** Bytes came in, before they are decoded: the clock of a request runs from its first byte. */
  void bytesRead() {
    if (requestStartNs == NONE && exchange == null) {
      requestStartNs = peer.core.clockNs().getAsLong();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      Http1Request request =
          switch (message) {
            case HttpRequest head -> reader.head(ctx, head, exchange == null);
            case HttpContent content -> reader.content(content);
            default -> null;
          };
      if (request != null) {
        requestStartNs = NONE;
        accept(request);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void accept(Http1Request request) {
    if (waiting.size() >= peer.core.limits().pipelinedRequests()) {
      peer.abort(CloseReason.PIPELINE_LIMIT);
      return;
    }
    waiting.add(request);
    dispatch();
    peer.channel.config().setAutoRead(waiting.isEmpty());
  }

  /**
   * Answers waiting requests until one is parked or being sent; a loop, so that pipelining cannot
   * deepen the stack.
   */
  private void dispatch() {
    if (dispatching) {
      return;
    }
    dispatching = true;
    while (exchange == null && lingerSinceNs == NONE && peer.channel.isActive()) {
      Http1Request next = waiting.poll();
      if (next == null) {
        break;
      }
      requests++;
      current = next;
      Exchange opened =
          new Exchange(
              next.request(),
              next.body(),
              peer.remote,
              peer.secure,
              peer.loop(),
              this,
              peer.core.clockNs().getAsLong());
      exchange = opened;
      HttpReply refusal = next.refusal();
      if (refusal != null) {
        opened.respond(refusal);
      } else {
        peer.core.dispatch(opened);
      }
    }
    dispatching = false;
  }

  @Override
  public void reply(Exchange replied, HttpReply reply) {
    Http1Request request = current;
    if (replied != exchange || request == null || !peer.channel.isActive()) {
      peer.core.done(replied, reply.status(), 0, false);
      return;
    }
    boolean keepAlive =
        request.keepAlive() && !draining && requests < peer.core.limits().requestsPerConnection();
    boolean content = reply.body().sizeBytes() > 0 && !replied.method().equals("HEAD");
    BodyPump started =
        new BodyPump(
            content ? reply.body() : ReplyBody.EMPTY,
            writer(replied, reply.status(), keepAlive, request.refusal() != null),
            peer.core.clockNs());
    pump = started;
    ChannelFuture head = peer.channel.write(head(reply, request, keepAlive));
    if (!content) {
      head = peer.channel.write(LastHttpContent.EMPTY_LAST_CONTENT);
    }
    started.start(head);
  }

  private DefaultHttpResponse head(HttpReply reply, Http1Request request, boolean keepAlive) {
    DefaultHttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(reply.status()));
    HttpHeaders fields = head.headers();
    for (Header header : reply.headers()) {
      fields.add(header.name(), header.value());
    }
    fields.set(HttpHeaderNames.DATE, peer.core.date());
    fields.set(HttpHeaderNames.SERVER, HttpServer.NAME);
    if (reply.status() != 204 && reply.status() != 304) {
      fields.set(HttpHeaderNames.CONTENT_LENGTH, reply.body().sizeBytes());
    }
    if (!keepAlive) {
      fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (request.request().protocol() == HttpProtocol.HTTP_1_0) {
      fields.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
    return head;
  }

  private BodyPump.Writer writer(Exchange replied, int status, boolean keepAlive, boolean refused) {
    return new BodyPump.Writer() {
      @Override
      public ChannelFuture write(ByteBuf slice, boolean last) {
        return peer.channel.write(
            last ? new DefaultLastHttpContent(slice) : new DefaultHttpContent(slice));
      }

      @Override
      public void flush() {
        peer.channel.flush();
      }

      @Override
      public void done(boolean complete, long sentBytes) {
        peer.core.done(replied, status, sentBytes, complete);
        finished(complete, keepAlive, refused);
      }
    };
  }

  private void finished(boolean complete, boolean keepAlive, boolean refused) {
    exchange = null;
    current = null;
    pump = null;
    idleSinceNs = peer.core.clockNs().getAsLong();
    if (!complete) {
      peer.close(CloseReason.IO_ERROR);
    } else if (refused) {
      // Closing with unread input would reset the connection and may destroy the reply on its way.
      lingerSinceNs = idleSinceNs;
      waiting.clear();
      peer.channel.config().setAutoRead(true);
    } else if (!keepAlive) {
      peer.close(draining ? CloseReason.GRACEFUL : CloseReason.PEER);
    } else {
      dispatch();
      peer.channel.config().setAutoRead(waiting.isEmpty());
    }
  }

  @Override
  public void sweep(long nowNs) {
    HttpLimits limits = peer.core.limits();
    if (lingerSinceNs != NONE) {
      if (nowNs - lingerSinceNs > LINGER_NS) {
        peer.close(CloseReason.PROTOCOL_ERROR);
      }
    } else if (pump != null) {
      if (pump.stalled(nowNs, limits.write().toNanos())) {
        peer.abort(CloseReason.WRITE_TIMEOUT);
      }
    } else if (exchange == null) {
      if (requestStartNs != NONE && nowNs - requestStartNs > limits.requestRead().toNanos()) {
        peer.close(CloseReason.REQUEST_TIMEOUT);
      } else if (nowNs - idleSinceNs > limits.idle().toNanos()) {
        peer.close(CloseReason.IDLE);
      }
    }
  }

  @Override
  public void drain() {
    draining = true;
    if (exchange == null && waiting.isEmpty()) {
      peer.close(CloseReason.GRACEFUL);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    waiting.clear();
    Exchange open = exchange;
    if (open != null && open.cancel()) {
      exchange = null;
      peer.core.done(open, 499, 0, false);
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    peer.abort(CloseReason.IO_ERROR);
  }
}
