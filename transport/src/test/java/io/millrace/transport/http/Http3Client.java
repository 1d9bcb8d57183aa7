package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.tls.TlsCredentials;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.SslEarlyDataReadyEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A QUIC connection of Netty's client: speaks HTTP/3 properly, or sends what it is told to. */
final class Http3Client implements AutoCloseable {
  /** Keeps session tickets, so clients that share one resume. */
  static QuicSslContext tls() {
    return tls(TestServer.CREDENTIALS);
  }

  static QuicSslContext tls(TlsCredentials trusted, String... groups) {
    return QuicSslContextBuilder.forClient()
        .option(
            BoringSSLContextOption.GROUPS, groups.length == 0 ? new String[] {"x25519"} : groups)
        .trustManager(trusted.chain().toArray(X509Certificate[]::new))
        .applicationProtocols(Http3.supportedApplicationProtocols())
        .earlyData(true)
        .build();
  }

  final QuicChannel channel;
  final CompletableFuture<QuicConnectionCloseEvent> closedByServer = new CompletableFuture<>();
  final CountDownLatch goAway = new CountDownLatch(1);
  private final Channel socket;

  /** A whole connection to the server. */
  Http3Client(TestServer server) throws Exception {
    this(server, tls(), server.secure, 1 << 20, null);
  }

  /**
   * @param to the server, or a relay before it
   * @param windowBytes that the client lets the server send on one stream
   * @param early called with the channel when it may send early data; null not to wait for more
   *     than the handshake
   */
  Http3Client(
      TestServer server,
      QuicSslContext tls,
      InetSocketAddress to,
      int windowBytes,
      @Nullable Consumer<QuicChannel> early)
      throws Exception {
    this(server, tls, "localhost", server.secure.getPort(), to, windowBytes, early);
  }

  /**
   * @param host that is asked for, where it has a dot
   * @param port under which tickets are kept, with the host
   */
  Http3Client(
      TestServer server,
      QuicSslContext tls,
      String host,
      int port,
      InetSocketAddress to,
      int windowBytes,
      @Nullable Consumer<QuicChannel> early)
      throws Exception {
    socket = socket(server, tls, host, port, windowBytes);
    Future<QuicChannel> connecting =
        QuicChannel.newBootstrap(socket)
            .handler(
                new ChannelInitializer<QuicChannel>() {
                  @Override
                  protected void initChannel(QuicChannel made) {
                    made.pipeline().addLast(new Events(early), connectionHandler());
                  }
                })
            .remoteAddress(to)
            .connect();
    assertThat(connecting.awaitUninterruptibly(10, TimeUnit.SECONDS)).isTrue();
    if (!connecting.isSuccess()) {
      socket.close();
    }
    channel = connecting.get();
  }

  /** Starts handshakes and does not wait for them. The caller closes the socket. */
  static Channel dangling(TestServer server, InetSocketAddress to, int count) throws Exception {
    QuicSslContext tls = tls();
    Channel socket = socket(server, tls, "localhost", server.secure.getPort(), 1 << 20);
    for (int i = 0; i < count; i++) {
      QuicChannel.newBootstrap(socket)
          .handler(new ChannelInboundHandlerAdapter())
          .remoteAddress(to)
          .connect();
    }
    return socket;
  }

  private static Channel socket(
      TestServer server, QuicSslContext tls, String host, int port, int windowBytes)
      throws Exception {
    boolean epoll = server.loops.channel() == EpollSocketChannel.class;
    return new Bootstrap()
        .group(server.loops.group())
        .channel(epoll ? EpollDatagramChannel.class : NioDatagramChannel.class)
        .handler(
            Http3.newQuicClientCodecBuilder()
                .sslEngineProvider(each -> tls.newEngine(each.alloc(), host, port))
                .maxIdleTimeout(20, TimeUnit.SECONDS)
                .initialMaxData(16L << 20)
                .initialMaxStreamDataBidirectionalLocal(windowBytes)
                .initialMaxStreamDataUnidirectional(1 << 16)
                .build())
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .sync()
        .channel();
  }

  private Http3ClientConnectionHandler connectionHandler() {
    return new Http3ClientConnectionHandler(
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http3GoAwayFrame) {
              goAway.countDown();
            }
            ReferenceCountUtil.release(message);
          }
        },
        null,
        null,
        null,
        true);
  }

  private final class Events extends ChannelInboundHandlerAdapter {
    private final @Nullable Consumer<QuicChannel> early;

    Events(@Nullable Consumer<QuicChannel> early) {
      this.early = early;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslEarlyDataReadyEvent && early != null) {
        ctx.executor().execute(() -> early.accept((QuicChannel) ctx.channel()));
      } else if (event instanceof QuicConnectionCloseEvent close) {
        closedByServer.complete(close);
      }
      ctx.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // The tests look at how the connection ends.
    }
  }

  Request get(String path) {
    return request(channel, "GET", path, true);
  }

  /** Starts a request; {@code end} when there is no content. */
  Request request(String method, String path, boolean end) {
    return request(channel, method, path, end);
  }

  static Request request(QuicChannel on, String method, String path, boolean end) {
    Request request = new Request();
    DefaultHttp3HeadersFrame head = new DefaultHttp3HeadersFrame();
    head.headers()
        .method(method)
        .path(path)
        .scheme("https")
        .authority("localhost")
        .add("x-test", "t");
    Http3.newRequestStream(on, request.new Handler())
        .addListener(
            (Future<QuicStreamChannel> opened) -> {
              if (!opened.isSuccess()) {
                request.failed.complete(opened.cause());
                request.replied.completeExceptionally(opened.cause());
                return;
              }
              QuicStreamChannel stream = opened.getNow();
              var written = stream.writeAndFlush(head);
              if (end) {
                written.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
              }
              request.stream.complete(stream);
            });
    return request;
  }

  /** Opens a stream past the HTTP/3 codec and writes to it. */
  Raw raw(QuicStreamType type, byte[] bytes, boolean end) throws Exception {
    CompletableFuture<Long> reset = new CompletableFuture<>();
    QuicStreamChannel stream =
        channel.createStream(type, new RawHandler(reset)).get(10, TimeUnit.SECONDS);
    Raw raw = new Raw(stream, reset);
    raw.write(bytes, end);
    return raw;
  }

  private static final class RawHandler extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Long> reset;

    RawHandler(CompletableFuture<Long> reset) {
      this.reset = reset;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (cause instanceof QuicStreamResetException told) {
        reset.complete(told.applicationProtocolCode());
      }
    }
  }

  /** Opens a stream for these bytes, writes them and ends it; or finds the connection closed. */
  void tryRaw(QuicStreamType type, byte[] bytes) throws Exception {
    Future<QuicStreamChannel> opened =
        channel.createStream(type, new RawHandler(new CompletableFuture<>()));
    assertThat(opened.await(10, TimeUnit.SECONDS)).isTrue();
    if (opened.isSuccess()) {
      new Raw(opened.getNow(), new CompletableFuture<>()).write(bytes, true);
    }
  }

  /**
   * A stream that carries what the test writes.
   *
   * @param reset the error code that the server reset it with
   */
  record Raw(QuicStreamChannel stream, CompletableFuture<Long> reset) {
    void write(byte[] bytes, boolean end) {
      var written = stream.writeAndFlush(Unpooled.copiedBuffer(bytes));
      if (end) {
        written.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
      }
    }
  }

  /** The application error code that the server closes with. */
  int awaitClosed() throws Exception {
    return closedByServer.get(10, TimeUnit.SECONDS).error();
  }

  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
    socket.close().awaitUninterruptibly();
  }

  /** One request and what comes back. */
  static final class Request {
    final CompletableFuture<QuicStreamChannel> stream = new CompletableFuture<>();
    final CompletableFuture<Http3Headers> head = new CompletableFuture<>();
    final BlockingQueue<byte[]> data = new LinkedBlockingQueue<>();

    /** All of the content, once FIN has come. */
    final CompletableFuture<byte[]> replied = new CompletableFuture<>();

    /** The fault that the stream ended with, such as a reset. */
    final CompletableFuture<Throwable> failed = new CompletableFuture<>();

    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    Http3Headers awaitHead() throws Exception {
      return head.get(10, TimeUnit.SECONDS);
    }

    byte[] awaitBody() throws Exception {
      return replied.get(20, TimeUnit.SECONDS);
    }

    String awaitText() throws Exception {
      return new String(awaitBody(), StandardCharsets.UTF_8);
    }

    void write(byte[] bytes, boolean end) throws Exception {
      QuicStreamChannel open = stream.get(10, TimeUnit.SECONDS);
      var written = open.writeAndFlush(new DefaultHttp3DataFrame(Unpooled.copiedBuffer(bytes)));
      if (end) {
        written.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
      }
    }

    /** As a client does that does not want the reply any more: STOP_SENDING, and RESET_STREAM. */
    void cancel() throws Exception {
      stream
          .get(10, TimeUnit.SECONDS)
          .shutdown(Http3ErrorCode.H3_REQUEST_CANCELLED.code())
          .await(10, TimeUnit.SECONDS);
    }

    /** The HTTP/3 error code that the server reset the stream with. */
    long awaitReset() throws Exception {
      Throwable cause = failed.get(10, TimeUnit.SECONDS);
      assertThat(cause).isInstanceOf(QuicStreamResetException.class);
      return ((QuicStreamResetException) cause).applicationProtocolCode();
    }

    private final class Handler extends Http3RequestStreamInboundHandler {
      @Override
      protected void channelRead(ChannelHandlerContext ctx, Http3HeadersFrame frame) {
        head.complete(frame.headers());
      }

      @Override
      protected void channelRead(ChannelHandlerContext ctx, Http3DataFrame frame) {
        ByteBuf bytes = frame.content();
        byte[] copy = ByteBufUtil.getBytes(bytes);
        frame.release();
        content.writeBytes(copy);
        data.add(copy);
      }

      @Override
      protected void channelInputClosed(ChannelHandlerContext ctx) {
        replied.complete(content.toByteArray());
      }

      @Override
      protected void handleQuicException(ChannelHandlerContext ctx, QuicException cause) {
        fail(cause);
      }

      @Override
      protected void handleHttp3Exception(ChannelHandlerContext ctx, Http3Exception cause) {
        fail(cause);
      }

      @Override
      public void channelInactive(ChannelHandlerContext ctx) {
        fail(new ClosedChannelException());
      }

      private void fail(Throwable cause) {
        failed.complete(cause);
        replied.completeExceptionally(cause);
        head.completeExceptionally(cause);
      }
    }
  }
}
