package io.millrace.loadtest.srt;

import io.millrace.loadtest.process.ManagedProcess;
import io.millrace.transport.srt.EndReason;
import io.millrace.transport.srt.SrtCall;
import io.millrace.transport.srt.SrtCaller;
import io.millrace.transport.srt.SrtCallerSettings;
import io.millrace.transport.srt.SrtPublicationListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One sender of a {@link PayloadFeed}, connected to a listener or about to be.
 *
 * @param way in
 * @param stop ends it
 */
record SenderLeg(PayloadFeed.Way way, Runnable stop) implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  /**
   * Starts a sender of either kind. Waits.
   *
   * @param loop of the feed
   */
  static SenderLeg open(
      SenderKind kind,
      LiveTransmit libsrt,
      Path directory,
      EventLoop loop,
      InetSocketAddress listener,
      String stream,
      long latencyMs)
      throws IOException, InterruptedException {
    return switch (kind) {
      case LIBSRT -> libsrt(libsrt, directory, loop, listener, stream, latencyMs);
      case MILLRACE -> millrace(loop, listener, stream, latencyMs);
    };
  }

  private static SenderLeg libsrt(
      LiveTransmit libsrt,
      Path directory,
      EventLoop loop,
      InetSocketAddress listener,
      String stream,
      long latencyMs)
      throws IOException {
    int udpPort = Udp.freePort(loop);
    ManagedProcess process = libsrt.sender(directory, udpPort, listener, stream, latencyMs);
    Channel channel = Udp.connect(loop, Udp.loopback(udpPort), new NobodyThere());
    return new SenderLeg(
        payload -> channel.writeAndFlush(payload, channel.voidPromise()),
        () -> {
          channel.close().awaitUninterruptibly();
          process.close();
        });
  }

  private static SenderLeg millrace(
      EventLoop loop, InetSocketAddress listener, String stream, long latencyMs)
      throws IOException, InterruptedException {
    SrtCall call = call(loop, listener, stream, latencyMs);
    return new SenderLeg(call::send, () -> call.close("measurement is over"));
  }

  /** Calls a listener to publish. Waits: not for event loops. */
  static SrtCall call(EventLoop loop, InetSocketAddress listener, String stream, long latencyMs)
      throws IOException, InterruptedException {
    SrtCallerSettings settings =
        SrtCallerSettings.of("publish:live/" + stream, null)
            .withTimes(Duration.ofMillis(latencyMs), CONNECT_LIMIT);
    try {
      return SrtCaller.connect(loop, listener, settings, new Deaf())
          .get(CONNECT_LIMIT.toSeconds() + 5, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("srt: no connection for " + stream, e);
    }
  }

  @Override
  public void close() {
    stop.run();
  }

  /** A program that does not read its UDP port yet, or no more, is no error here. */
  private static final class NobodyThere extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!(cause instanceof IOException)) {
        context.fireExceptionCaught(cause);
      }
    }
  }

  /** Publishers are sent nothing. */
  private static final class Deaf implements SrtPublicationListener {
    @Override
    public void onPayload(ByteBuf payload, long sourceTimeUs) {
      payload.release();
    }

    @Override
    public void onEnd(EndReason reason) {}
  }
}
