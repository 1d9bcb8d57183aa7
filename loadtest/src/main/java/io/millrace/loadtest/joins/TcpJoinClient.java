package io.millrace.loadtest.joins;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.EarlyClientTls;
import io.millrace.transport.tls.TlsStats;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 or HTTP/2 over TLS. It asks as soon as TLS lets it. */
final class TcpJoinClient implements JoinClient {
  private final Loops loops;
  private final boolean http2;
  private final EarlyClientTls tls;

  /**
   * @param loops borrowed
   */
  TcpJoinClient(Loops loops, boolean http2, boolean earlyData) {
    this.loops = loops;
    this.http2 = http2;
    this.tls = new EarlyClientTls(http2 ? "h2" : "http/1.1", earlyData);
  }

  @Override
  public Join join(InetSocketAddress to, String name, Conversation conversation, long stayMs)
      throws IOException, InterruptedException {
    CompletableFuture<TlsStats.Kind> kind = new CompletableFuture<>();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channel(loops.channel())
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    tls.addTo(channel, name, to.getPort());
                    addProtocol(
                        channel, conversation, () -> kind.complete(EarlyClientTls.kind(channel)));
                  }
                });
    long connectNs = System.nanoTime();
    ChannelFuture connecting = bootstrap.connect(to);
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            conversation.fail(done.cause());
          }
        });
    try {
      Conversation.Joined joined = conversation.joined().get(LIMIT_S, TimeUnit.SECONDS);
      TimeUnit.MILLISECONDS.sleep(stayMs);
      return new Join(connectNs, joined, kind.get(1, TimeUnit.SECONDS));
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("join over " + (http2 ? "HTTP/2" : "HTTP/1.1") + ": " + e, e);
    } finally {
      connecting.channel().close().sync();
    }
  }

  private void addProtocol(Channel channel, Conversation conversation, Runnable answered) {
    if (http2) {
      channel
          .pipeline()
          .addLast(
              Http2FrameCodecBuilder.forClient()
                  .initialSettings(
                      Http2Settings.defaultSettings().pushEnabled(false).initialWindowSize(1 << 20))
                  .build(),
              new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
              new Http2Events(conversation, answered));
    } else {
      channel.pipeline().addLast(new HttpClientCodec(), new Http1Events(conversation, answered));
    }
  }

  /** Asks when TLS is ready, and closes over to the conversation whatever goes wrong. */
  private abstract static class Events extends ChannelInboundHandlerAdapter {
    final Conversation conversation;
    private final Runnable answered;
    private boolean first = true;

    Events(Conversation conversation, Runnable answered) {
      this.conversation = conversation;
      this.answered = answered;
    }

    abstract void ask(ChannelHandlerContext ctx, String path);

    /** Something of the server's was read. */
    void head(int status, @Nullable CharSequence coding) {
      if (first) {
        first = false;
        answered.run();
      }
      conversation.head(status, coding);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof EarlyClientTls.Writable) {
        ask(ctx, conversation.path());
      } else if (event instanceof SslHandshakeCompletionEvent completed && !completed.isSuccess()) {
        conversation.fail(completed.cause());
      }
      super.userEventTriggered(ctx, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      conversation.fail(new IOException("the server closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      conversation.fail(cause);
    }
  }

  private static final class Http1Events extends Events {
    Http1Events(Conversation conversation, Runnable answered) {
      super(conversation, answered);
    }

    @Override
    void ask(ChannelHandlerContext ctx, String path) {
      DefaultFullHttpRequest request =
          new DefaultFullHttpRequest(
              HttpVersion.HTTP_1_1, HttpMethod.GET, path, Unpooled.EMPTY_BUFFER);
      request
          .headers()
          .set(HttpHeaderNames.HOST, "localhost")
          .set(HttpHeaderNames.ACCEPT_ENCODING, "gzip");
      var _ = ctx.writeAndFlush(request);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof HttpResponse response) {
        head(response.status().code(), response.headers().get(HttpHeaderNames.CONTENT_ENCODING));
      }
      if (message instanceof HttpContent content) {
        conversation.content(content.content());
      }
      ReferenceCountUtil.release(message);
      if (message instanceof LastHttpContent) {
        String next = conversation.ended();
        if (next != null) {
          ask(ctx, next);
        }
      }
    }
  }

  private static final class Http2Events extends Events {
    private @Nullable ChannelHandlerContext parent;

    Http2Events(Conversation conversation, Runnable answered) {
      super(conversation, answered);
    }

    @Override
    void ask(ChannelHandlerContext ctx, String path) {
      parent = ctx;
      new Http2StreamChannelBootstrap(ctx.channel())
          .handler(new Stream())
          .open()
          .addListener(
              (Future<Http2StreamChannel> opened) -> {
                if (!opened.isSuccess()) {
                  conversation.fail(opened.cause());
                  return;
                }
                DefaultHttp2Headers head = new DefaultHttp2Headers();
                head.method("GET").scheme("https").authority("localhost").path(path);
                head.add("accept-encoding", "gzip");
                var _ = opened.getNow().writeAndFlush(new DefaultHttp2HeadersFrame(head, true));
              });
    }

    private final class Stream extends ChannelInboundHandlerAdapter {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object message) {
        boolean last = false;
        switch (message) {
          case Http2HeadersFrame head -> {
            head(
                Integer.parseInt(head.headers().status().toString()),
                head.headers().get("content-encoding"));
            last = head.isEndStream();
          }
          case Http2DataFrame data -> {
            conversation.content(data.content());
            last = data.isEndStream();
          }
          case Http2StreamFrame other -> conversation.fail(new IOException("got " + other.name()));
          default -> {}
        }
        ReferenceCountUtil.release(message);
        String next = last ? conversation.ended() : null;
        if (next != null && parent != null) {
          ask(parent, next);
        }
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        conversation.fail(cause);
      }
    }
  }

  @Override
  public void close() {
    tls.close();
  }
}
