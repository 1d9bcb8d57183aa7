package io.millrace.transport.http;

import io.millrace.transport.tls.ServerTls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** Counts a connection in, or closes it unread, and builds its pipeline. */
@ChannelHandler.Sharable
final class ConnectionInitializer extends ChannelInitializer<Channel> {
  private final Admission admission;
  private final @Nullable ServerTls tls;
  private final @Nullable String altSvc;

  /**
   * @param altSvc see {@link Peer#altSvc}
   */
  ConnectionInitializer(Admission admission, @Nullable ServerTls tls, @Nullable String altSvc) {
    this.admission = admission;
    this.tls = tls;
    this.altSvc = altSvc;
  }

  @Override
  protected void initChannel(Channel channel) {
    Peer peer =
        channel.remoteAddress() instanceof InetSocketAddress remote
            ? admission.admit(channel, remote, tls != null, altSvc)
            : null; // gone before it was looked at
    if (peer == null) {
      var _ = channel.close();
      return;
    }
    if (tls == null) {
      addHttp1(channel.pipeline(), peer);
    } else {
      channel
          .pipeline()
          .addLast(
              tls.newGate(peer.core.limits().handshake(), peer::earlyWhile), new Negotiated(peer));
    }
  }

  private static void addHttp1(ChannelPipeline pipeline, Peer peer) {
    HttpLimits limits = peer.core.limits();
    Http1Connection connection = new Http1Connection(peer);
    pipeline.addLast(
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRead(ChannelHandlerContext ctx, Object message) {
            connection.bytesRead();
            ctx.fireChannelRead(message);
          }
        },
        new HttpRequestDecoder(
            new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLineBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setMaxChunkSize(16 * 1024)
                .setValidateHeaders(true)
                .setStrictLineParsing(true)),
        connection);
  }

  /** Puts the protocol in place that ALPN chose (RFC 7301); HTTP/1.1 without ALPN. */
  private static final class Negotiated extends ApplicationProtocolNegotiationHandler {
    private final Peer peer;

    Negotiated(Peer peer) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.peer = peer;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        ctx.pipeline().addLast(Http2ConnectionBuilder.build(peer));
      } else {
        addHttp1(ctx.pipeline(), peer);
      }
    }

    /** The handler of TLS closes right after this event, so the reason has to be known by then. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent handshake
          && !handshake.isSuccess()
          && !(handshake.cause() instanceof ClosedChannelException)) {
        peer.because(CloseReason.TLS_FAILED);
      }
      super.userEventTriggered(ctx, event);
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
      peer.close(CloseReason.TLS_FAILED);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      peer.close(CloseReason.TLS_FAILED);
    }
  }
}
