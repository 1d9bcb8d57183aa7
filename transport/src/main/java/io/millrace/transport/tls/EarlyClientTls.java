package io.millrace.transport.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A viewer's side of TLS 1.3 that can send early data (RFC 8446 §2.3), for measuring and testing:
 * it trusts every server. BoringSSL only. Tickets are kept by the name that a connection is opened
 * with, so that another name begins anew.
 *
 * <p>Netty's engine tells nothing of early data to clients: it has the ClientHello written, and
 * waits for the server's. So what is written behind it meanwhile goes to BoringSSL past the engine,
 * and leaves with what the engine has to send. If the server rejects it, the connection fails.
 * Thread-safe.
 */
public final class EarlyClientTls implements AutoCloseable {
  private static final int TICKETS = 1_000;

  /**
   * Fired once as a user event.
   *
   * @param early whether what is written now is early data
   */
  public record Writable(boolean early) {}

  private final SslContext context;

  /**
   * @param alpn the one protocol that is offered
   * @param earlyData whether tickets are used for early data, or only to resume
   * @throws IllegalStateException where {@link #whyNot} says so
   */
  public EarlyClientTls(String alpn, boolean earlyData) {
    String cause = whyNot();
    if (cause != null) {
      throw new IllegalStateException(cause);
    }
    try {
      context =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.OPENSSL_REFCNT)
              .protocols("TLSv1.3")
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .endpointIdentificationAlgorithm(null)
              .sessionCacheSize(TICKETS)
              .option(OpenSslContextOption.GROUPS, new String[] {"X25519"})
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      Protocol.ALPN,
                      SelectorFailureBehavior.NO_ADVERTISE,
                      SelectedListenerFailureBehavior.ACCEPT,
                      alpn))
              .build();
    } catch (SSLException e) {
      throw new IllegalStateException("no TLS 1.3 for clients", e);
    }
    if (earlyData) {
      BoringSsl.enableEarlyData(((ReferenceCountedOpenSslContext) context).sslCtxPointer());
    }
  }

  /** Returns null where this class works, else what is in the way. */
  public static @Nullable String whyNot() {
    return BoringSsl.whyNot();
  }

  /**
   * Adds what a new connection needs; the pipeline owns it. {@link Writable} is fired behind it
   * once a request may be written: when it has become active, with a ticket for early data, or when
   * the handshake has ended.
   *
   * @param name by which tickets are found; it is sent (SNI) where it has a dot in it
   */
  public void addTo(Channel channel, String name, int port) {
    SslHandler handler = context.newHandler(channel.alloc(), name, port);
    channel
        .pipeline()
        .addLast(handler, new EarlyWriter((ReferenceCountedOpenSslEngine) handler.engine()));
  }

  /** How the session came to be; on the event loop, when something of the server's was read. */
  public static TlsStats.Kind kind(Channel channel) {
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    long ssl = ((ReferenceCountedOpenSslEngine) handler.engine()).sslPointer();
    if (ssl == 0) {
      throw new IllegalStateException("the connection is closed");
    }
    if (BoringSsl.isEarlyDataAccepted(ssl)) {
      return TlsStats.Kind.EARLY;
    }
    return BoringSsl.isResumed(ssl) ? TlsStats.Kind.RESUMED : TlsStats.Kind.FULL;
  }

  /** Frees the engine's memory once the last connection has gone. */
  @Override
  public void close() {
    ReferenceCountUtil.release(context);
  }

  /** Hands early data to BoringSSL. Confined to its event loop. */
  private static final class EarlyWriter extends ChannelDuplexHandler {
    private final ReferenceCountedOpenSslEngine engine;
    private boolean early;

    EarlyWriter(ReferenceCountedOpenSslEngine engine) {
      this.engine = engine;
    }

    /** The handler in front has begun the handshake. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      long ssl = engine.sslPointer();
      early = ssl != 0 && BoringSsl.isInEarlyData(ssl);
      ctx.fireChannelActive();
      if (early) {
        ctx.fireUserEventTriggered(new Writable(true));
      }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      if (!early) {
        var _ = ctx.write(message, promise);
        return;
      }
      ByteBuf bytes = (ByteBuf) message;
      ByteBuf direct = ctx.alloc().directBuffer(bytes.readableBytes());
      try {
        direct.writeBytes(bytes);
        int size = direct.readableBytes();
        if (size > 0 && write(direct) != size) {
          throw new IOException(size + " bytes of early data were not taken");
        }
        promise.setSuccess();
      } catch (IOException e) {
        promise.setFailure(e);
        ctx.fireExceptionCaught(e);
      } finally {
        direct.release();
        bytes.release();
      }
    }

    private int write(ByteBuf direct) {
      long ssl = engine.sslPointer();
      return ssl == 0 ? 0 : BoringSsl.write(ssl, direct.memoryAddress(), direct.readableBytes());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      boolean ready = event instanceof SslHandshakeCompletionEvent done && done.isSuccess();
      boolean told = early;
      if (ready) {
        early = false;
      }
      ctx.fireUserEventTriggered(event);
      if (ready && !told) {
        ctx.fireUserEventTriggered(new Writable(false));
      }
    }
  }
}
