package io.millrace.transport.rtmp;

import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.wire.MessageType;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
    RtmpPublisherSession session = new RtmpPublisherSession(target, settings);
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
                if (target.secure() && tls != null) {
                  SslHandler handler =
                      tls.newHandler(channel.alloc(), target.host(), target.port());
                  handler.setHandshakeTimeoutMillis(settings.connectDeadline().toMillis());
                  channel.pipeline().addLast(handler);
                }
                channel.pipeline().addLast(session);
              }
            })
        .connect(target.host(), target.port())
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                session.connectFailed(connected.cause());
              }
            });
    return session.published().thenApply(_ -> new RtmpPublisher(session));
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
