package io.millrace.transport.rtmp;

import static java.util.Objects.requireNonNull;

import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.wire.MessageType;
import io.millrace.transport.tls.ClientTls;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to an RTMP server. Methods may be called from any thread; messages go out in the order
 * of the calls of one thread.
 *
 * <p>Nothing blocks. A sender that can wait asks {@link #whenWritable} between messages; one that
 * cannot looks at what {@link #video} and {@link #audio} return.
 */
public final class RtmpPublisher implements AutoCloseable {
  private final RtmpPublisherSession session;

  RtmpPublisher(RtmpPublisherSession session) {
    this.session = session;
  }

  /**
   * Connects and publishes.
   *
   * @param loops borrowed
   * @param tls borrowed; has to be there when {@code target} is rtmps; it checks the certificate
   * @return completes when the server has accepted the publish, or fails with an {@link
   *     RtmpPublishException}
   */
  public static CompletionStage<RtmpPublisher> publish(
      Loops loops, RtmpTarget target, @Nullable SslContext tls, RtmpPublisherSettings settings) {
    if (target.secure() && tls == null) {
      throw new IllegalArgumentException("rtmps without a TLS context");
    }
    return publish(
        loops,
        target,
        settings,
        channel -> requireNonNull(tls).newHandler(channel.alloc(), target.host(), target.port()));
  }

  /**
   * Connects and publishes, with what checks the certificate of a server in TLS.
   *
   * @param loops borrowed
   * @param tls has to be there when {@code target} is rtmps
   * @return as of {@link #publish(Loops, RtmpTarget, SslContext, RtmpPublisherSettings)}
   */
  public static CompletionStage<RtmpPublisher> publish(
      Loops loops, RtmpTarget target, RtmpPublisherSettings settings, @Nullable ClientTls tls) {
    if (target.secure() && tls == null) {
      throw new IllegalArgumentException("rtmps without TLS");
    }
    return publish(
        loops,
        target,
        settings,
        _ -> requireNonNull(tls).newRtmpsHandler(target.host(), target.port()));
  }

  private static CompletionStage<RtmpPublisher> publish(
      Loops loops,
      RtmpTarget target,
      RtmpPublisherSettings settings,
      Function<SocketChannel, SslHandler> tls) {
    RtmpPublisherSession session = new RtmpPublisherSession(target, settings);
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channel(loops.channel())
            .option(ChannelOption.TCP_NODELAY, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(settings.connectDeadline().toMillis()))
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    if (target.secure()) {
                      SslHandler handler = tls.apply(channel);
                      handler.setHandshakeTimeoutMillis(settings.connectDeadline().toMillis());
                      channel.pipeline().addLast(handler);
                    }
                    channel.pipeline().addLast(session);
                  }
                });
    if (NetUtil.isValidIpV4Address(target.host()) || NetUtil.isValidIpV6Address(target.host())) {
      connect(bootstrap, new InetSocketAddress(target.host(), target.port()), session);
    } else {
      var _ = Thread.ofVirtual().name("lookup").start(() -> lookUp(bootstrap, target, session));
    }
    return session.published().thenApply(_ -> new RtmpPublisher(session));
  }

  /** On a thread of its own: it blocks. */
  private static void lookUp(Bootstrap bootstrap, RtmpTarget target, RtmpPublisherSession session) {
    try {
      InetAddress address = InetAddress.getByName(target.host());
      connect(bootstrap, new InetSocketAddress(address, target.port()), session);
    } catch (UnknownHostException _) {
      session.connectFailed("no such host: " + target.host());
    } catch (IllegalStateException | RejectedExecutionException e) {
      session.connectFailed("the event loops are shut down");
    }
  }

  private static void connect(
      Bootstrap bootstrap, InetSocketAddress address, RtmpPublisherSession session) {
    bootstrap
        .connect(address)
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                session.connectFailed(String.valueOf(connected.cause().getMessage()));
              }
            });
  }

  public EventLoop eventLoop() {
    return session.eventLoop();
  }

  /**
   * Sends {@code @setDataFrame onMetaData}.
   *
   * @param metadata plain values as in {@link RtmpPublicationListener#onMetadata}
   * @return whether it was taken; false after the end
   */
  public boolean metadata(Map<String, Object> metadata) {
    return session.sendMetadata(Map.copyOf(metadata));
  }

  /**
   * Sends a video message.
   *
   * @param timestampMs unsigned 32 bits
   * @param body FLV VIDEODATA, taken
   * @return whether it was taken; false after the end, and when more than {@link
   *     RtmpPublisherSettings#maxPendingBytes()} wait
   */
  public boolean video(long timestampMs, ByteBuf body) {
    return session.send(RtmpLink.VIDEO_CHUNK_STREAM, MessageType.VIDEO, timestampMs, body);
  }

  /** Sends an audio message: FLV AUDIODATA; otherwise as {@link #video}. */
  public boolean audio(long timestampMs, ByteBuf body) {
    return session.send(RtmpLink.AUDIO_CHUNK_STREAM, MessageType.AUDIO, timestampMs, body);
  }

  /** What the server has said that it can do beyond RTMP 1.0. */
  public RtmpCapabilities serverCapabilities() {
    return session.serverCapabilities();
  }

  /**
   * Completes, on the event loop, when the server asks this publisher to go on over another
   * connection; never when it does not. The caller publishes to the request's target, sends there
   * from a key frame on, and unpublishes here.
   */
  public CompletionStage<ReconnectRequest> reconnectRequested() {
    return session.reconnectRequested();
  }

  /** Bytes of bodies that wait for the socket. */
  public long pendingBytes() {
    return session.pendingBytes();
  }

  /**
   * Completes, on the event loop or at once, when less than a quarter of {@link
   * RtmpPublisherSettings#maxPendingBytes()} waits; after the end as well.
   */
  public CompletionStage<Void> whenWritable() {
    return session.whenWritable();
  }

  /** Completes with the reason when the publication has ended, whoever ended it. */
  public CompletionStage<EndReason> ended() {
    return session.ended();
  }

  /** Unpublishes, and disconnects when what waits has been sent. Returns {@link #ended}. */
  public CompletionStage<EndReason> unpublish() {
    session.unpublish();
    return ended();
  }

  /** Cuts the connection without a word. */
  public CompletionStage<EndReason> abort() {
    session.abort();
    return ended();
  }

  /** Begins {@link #unpublish} and does not wait for it. */
  @Override
  public void close() {
    CompletableFuture<EndReason> unused = unpublish().toCompletableFuture();
  }
}
