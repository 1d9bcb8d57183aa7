package io.millrace.transport.http.client;

import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.client.ClientFailure.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 to a server (RFC 9112), behind Netty's codec: one request at a time, kept alive. */
final class Http1Client extends SimpleChannelInboundHandler<HttpObject>
    implements ClientConnection {
  private final Owner owner;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Call call;
  private boolean used;
  private boolean closing;
  private boolean keepAlive;
  private long idleSinceNs;

  Http1Client(Owner owner) {
    this.owner = owner;
    this.idleSinceNs = owner.nowNs();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
  }

  @Override
  public int room() {
    ChannelHandlerContext ctx = context;
    return ctx != null && ctx.channel().isActive() && call == null && !closing ? 1 : 0;
  }

  @Override
  public void start(Call next) {
    ChannelHandlerContext ctx = context;
    if (ctx == null || call != null) {
      throw new IllegalStateException("no room");
    }
    call = next;
    next.connection = this;
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.GET, next.request.target(), ctx.alloc().buffer(0));
    request.headers().set("host", owner.authority());
    for (Header header : next.request.headers()) {
      request.headers().add(header.name(), header.value());
    }
    var _ = ctx.writeAndFlush(request);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject message) {
    Call current = call;
    if (!message.decoderResult().isSuccess()) {
      close(new ClientFailure(Kind.BROKEN, "malformed reply: " + message.decoderResult().cause()));
      return;
    }
    if (current == null) {
      close(new ClientFailure(Kind.BROKEN, "a reply that nobody has asked for"));
      return;
    }
    if (message instanceof HttpResponse response) {
      if (response.status().code() < 200) {
        return;
      }
      keepAlive = HttpUtil.isKeepAlive(response);
      current.progress(owner.nowNs() + owner.settings().quiet().toNanos());
      current.head(head(response));
    }
    if (message instanceof HttpContent content) {
      data(current, content.content());
      if (message instanceof LastHttpContent) {
        end(ctx, current);
      }
    }
  }

  private static ReplyHead head(HttpResponse response) {
    List<Map.Entry<String, String>> fields = new ArrayList<>();
    response
        .headers()
        .forEach(
            field ->
                fields.add(Map.entry(field.getKey().toLowerCase(Locale.ROOT), field.getValue())));
    return new ReplyHead(response.status().code(), fields);
  }

  private void data(Call current, ByteBuf content) {
    if (content.isReadable()) {
      current.progress(owner.nowNs() + owner.settings().quiet().toNanos());
      current.data(ByteBufUtil.getBytes(content));
    }
  }

  private void end(ChannelHandlerContext ctx, Call current) {
    if (current.untouched()) {
      return; // of an interim reply
    }
    call = null;
    used = true;
    idleSinceNs = owner.nowNs();
    closing = !keepAlive;
    current.ended();
    if (closing) {
      var _ = ctx.close();
    }
    owner.changed();
  }

  @Override
  public void abandon(Call dropped) {
    ChannelHandlerContext ctx = context;
    if (call == dropped) {
      call = null;
      closing = true;
      if (ctx != null) {
        var _ = ctx.close();
      }
    }
  }

  @Override
  public void sweep(long nowNs) {
    Call current = call;
    if (current != null && current.isLate(nowNs)) {
      close(new ClientFailure(Kind.TIMEOUT, current.untouched() ? "no reply" : "reply stalled"));
    } else if (current == null && nowNs - idleSinceNs > owner.settings().idle().toNanos()) {
      close(new ClientFailure(Kind.CLOSED, "idle"));
    }
  }

  @Override
  public void close(ClientFailure why) {
    ChannelHandlerContext ctx = context;
    Call current = call;
    call = null;
    closing = true;
    if (ctx != null) {
      var _ = ctx.close();
    }
    if (current != null) {
      current.failed(why);
    }
  }

  /** RFC 9112 §9.3.1: a kept connection may close just when it is used again. */
  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Call current = call;
    call = null;
    closing = true;
    if (current != null) {
      ClientFailure failure = new ClientFailure(Kind.BROKEN, "the connection was closed");
      if (used && current.untouched()) {
        owner.again(current, failure);
      } else {
        current.failed(failure);
      }
    }
    owner.changed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    close(new ClientFailure(Kind.BROKEN, String.valueOf(cause)));
  }
}
