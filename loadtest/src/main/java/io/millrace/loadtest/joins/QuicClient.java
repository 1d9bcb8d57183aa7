package io.millrace.loadtest.joins;

import io.millrace.transport.Loops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3RequestStreamInboundHandler;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/3 by Netty's QUIC, for measuring: it trusts every server, and keeps tickets by name. A
 * socket for each connection, which takes datagrams joined (UDP_GRO): over loopback, cutting them
 * up for a receiver is done in the sender's time.
 */
public final class QuicClient {
  private static final int IDLE_S = 30;
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final int MAX_DATAGRAM_BYTES = 1536;

  /** Of datagrams that the kernel has joined. */
  private static final int JOINED_BYTES = 64 << 10;

  private static final long CONNECTION_WINDOW_BYTES = 16 << 20;
  private static final long STREAM_WINDOW_BYTES = 1 << 20;

  private final Loops loops;
  private final QuicSslContext tls;

  /** An answer; on the connection's event loop. */
  public interface Answer {
    /**
     * @param coding of the content; null for none
     */
    void head(int status, @Nullable CharSequence coding);

    /** Borrows a piece of the content. */
    void content(ByteBuf bytes);

    void ended();

    void failed(Throwable cause);
  }

  /**
   * @param loops borrowed
   * @param verifying called when a server's certificate is looked at, on the connection's event
   *     loop
   */
  public QuicClient(Loops loops, boolean earlyData, Runnable verifying) {
    this.loops = loops;
    this.tls =
        QuicSslContextBuilder.forClient()
            .option(BoringSSLContextOption.GROUPS, new String[] {"x25519"})
            .trustManager(new Trusting(verifying))
            .endpointIdentificationAlgorithm(null)
            .applicationProtocols(Http3.supportedApplicationProtocols())
            .earlyData(earlyData)
            .build();
  }

  /** A socket for one connection to there. */
  public Channel socket(InetSocketAddress to, String name) throws InterruptedException {
    boolean epoll = loops.channel() == EpollSocketChannel.class;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
            .handler(
                Http3.newQuicClientCodecBuilder()
                    .sslEngineProvider(each -> tls.newEngine(each.alloc(), name, to.getPort()))
                    .maxIdleTimeout(IDLE_S, TimeUnit.SECONDS)
                    .maxRecvUdpPayloadSize(MAX_DATAGRAM_BYTES)
                    .initialMaxData(CONNECTION_WINDOW_BYTES)
                    .initialMaxStreamDataBidirectionalLocal(STREAM_WINDOW_BYTES)
                    .initialMaxStreamDataUnidirectional(1 << 16)
                    .initialMaxStreamsUnidirectional(8)
                    .build());
    if (epoll) {
      bootstrap
          .channel(EpollDatagramChannel.class)
          .option(EpollChannelOption.UDP_GRO, true)
          .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(JOINED_BYTES));
    } else {
      bootstrap.channel(NioDatagramChannel.class);
    }
    return bootstrap.bind(new InetSocketAddress(0)).sync().channel();
  }

  /**
   * Begins to connect.
   *
   * @param events in front of HTTP/3, told of the connection's
   */
  public static Future<QuicChannel> connect(
      Channel socket, InetSocketAddress to, ChannelHandler events) {
    return QuicChannel.newBootstrap(socket)
        .handler(
            new ChannelInitializer<QuicChannel>() {
              @Override
              protected void initChannel(QuicChannel made) {
                made.pipeline()
                    .addLast(
                        events, new Http3ClientConnectionHandler(null, null, null, null, true));
              }
            })
        .remoteAddress(to)
        .connect();
  }

  /** Sends a request. */
  public static void get(QuicChannel connection, String path, Answer answer) {
    Http3.newRequestStream(connection, new AnswerHandler(answer))
        .addListener(
            (Future<QuicStreamChannel> opened) -> {
              if (!opened.isSuccess()) {
                answer.failed(opened.cause());
                return;
              }
              DefaultHttp3HeadersFrame head = new DefaultHttp3HeadersFrame();
              head.headers()
                  .method("GET")
                  .scheme("https")
                  .authority("localhost")
                  .path(path)
                  .add("accept-encoding", "gzip");
              opened.getNow().writeAndFlush(head).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
            });
  }

  /** Trusts everybody. */
  private record Trusting(Runnable verifying) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      throw new IllegalStateException("for servers only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      verifying.run();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static final class AnswerHandler extends Http3RequestStreamInboundHandler {
    private final Answer answer;

    AnswerHandler(Answer answer) {
      this.answer = answer;
    }

    @Override
    protected void channelRead(ChannelHandlerContext ctx, Http3HeadersFrame frame) {
      answer.head(
          Integer.parseInt(frame.headers().status().toString()),
          frame.headers().get("content-encoding"));
    }

    @Override
    protected void channelRead(ChannelHandlerContext ctx, Http3DataFrame frame) {
      answer.content(frame.content());
      frame.release();
    }

    @Override
    protected void channelInputClosed(ChannelHandlerContext ctx) {
      answer.ended();
    }

    @Override
    protected void handleQuicException(ChannelHandlerContext ctx, QuicException cause) {
      answer.failed(cause);
    }

    @Override
    protected void handleHttp3Exception(ChannelHandlerContext ctx, Http3Exception cause) {
      answer.failed(cause);
    }
  }
}
