package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 over one connection: one request is answered at a time, pipelined ones wait in order
 * (RFC 9112 §9.3.2). While any waits, the socket is not read.
 *
 * <p>Sits behind Netty's request decoder; replies are written as bytes. Confined to its event loop.
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

  /** Since when a small reply waits for the client to take it. */
  private long writeSinceNs = NONE;

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
              peer.early(),
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
    boolean http10 = request.request().protocol() == HttpProtocol.HTTP_1_0;
    boolean unknownLength = reply.body().sizeBytes() == ReplyBody.UNKNOWN;
    Http1Head.Framing framing =
        !unknownLength
            ? Http1Head.Framing.LENGTH
            : http10 ? Http1Head.Framing.CLOSE : Http1Head.Framing.CHUNKED;
    boolean keepAlive =
        request.keepAlive()
            && !draining
            && framing != Http1Head.Framing.CLOSE
            && requests < peer.core.limits().requestsPerConnection();
    Http1Head.Persistence persistence =
        !keepAlive
            ? Http1Head.Persistence.CLOSE
            : http10 ? Http1Head.Persistence.KEEP_ALIVE : Http1Head.Persistence.IMPLIED;
    boolean content = reply.body().sizeBytes() != 0 && !replied.method().equals("HEAD");
    boolean refused = request.refusal() != null;
    if (Http1Whole.takes(reply.body())) {
      ByteBuf whole =
          Http1Whole.encode(
              peer.channel.alloc(), reply, content, persistence, peer.core.date(), peer.altSvc);
      long contentBytes = content ? reply.body().sizeBytes() : 0;
      writeWhole(whole, replied, reply.status(), contentBytes, keepAlive, refused);
      return;
    }
    BodyPump started =
        new BodyPump(
            content ? reply.body() : ReplyBody.EMPTY,
            new Http1Writer(
                peer.channel,
                framing == Http1Head.Framing.CHUNKED,
                (outcome, sentBytes) -> {
                  peer.core.done(
                      replied, reply.status(), sentBytes, outcome == BodyPump.Outcome.COMPLETE);
                  finished(outcome, keepAlive, refused);
                }),
            peer.loop(),
            peer.core.clockNs());
    pump = started;
    started.start(
        peer.channel.write(
            Http1Head.encode(
                peer.channel.alloc(), reply, framing, persistence, peer.core.date(), peer.altSvc)));
  }

  /** Takes over the buffer. Most clients have it in their socket when this returns. */
  private void writeWhole(
      ByteBuf whole,
      Exchange replied,
      int status,
      long contentBytes,
      boolean keepAlive,
      boolean refused) {
    writeSinceNs = peer.core.clockNs().getAsLong();
    ChannelFuture written = peer.channel.writeAndFlush(whole);
    if (written.isDone()) {
      wholeWritten(written, replied, status, contentBytes, keepAlive, refused);
    } else {
      written.addListener(
          _ -> wholeWritten(written, replied, status, contentBytes, keepAlive, refused));
    }
  }

  private void wholeWritten(
      ChannelFuture written,
      Exchange replied,
      int status,
      long contentBytes,
      boolean keepAlive,
      boolean refused) {
    writeSinceNs = NONE;
    boolean complete = written.isSuccess();
    peer.core.done(replied, status, complete ? contentBytes : 0, complete);
    finished(complete ? BodyPump.Outcome.COMPLETE : BodyPump.Outcome.FAILED, keepAlive, refused);
  }

  private void finished(BodyPump.Outcome outcome, boolean keepAlive, boolean refused) {
    boolean isHttp10 = exchange != null && exchange.protocol() == HttpProtocol.HTTP_1_0;
    exchange = null;
    current = null;
    pump = null;
    idleSinceNs = peer.core.clockNs().getAsLong();
    if (outcome == BodyPump.Outcome.FAILED) {
      peer.close(CloseReason.IO_ERROR);
    } else if (outcome == BodyPump.Outcome.ABANDONED) {
      // No last chunk was sent: the client sees that its content is not complete (RFC 9112 §8).
      // Where the end of the connection is the end of the content, only a reset tells.
      if (isHttp10) {
        peer.abort(CloseReason.CONTENT_ABANDONED);
      } else {
        peer.close(CloseReason.CONTENT_ABANDONED);
      }
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
  public int inFlight() {
    return waiting.size() + (exchange == null ? 0 : 1);
  }

  @Override
  public void sweep(long nowNs) {
    HttpLimits limits = peer.core.limits();
    if (lingerSinceNs != NONE) {
      if (nowNs - lingerSinceNs > LINGER_NS) {
        peer.close(CloseReason.PROTOCOL_ERROR);
      }
    } else if (writeSinceNs != NONE) {
      if (nowNs - writeSinceNs > limits.write().toNanos()) {
        peer.abort(CloseReason.WRITE_TIMEOUT);
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
    boolean unanswered = open != null && open.cancel();
    if (pump != null) {
      pump.gone();
    } else if (open != null && unanswered) {
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
