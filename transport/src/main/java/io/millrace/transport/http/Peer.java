package io.millrace.transport.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetSocketAddress;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One accepted connection, whatever it speaks: the channel and why it ended. On its event loop. */
final class Peer {
  final ServerCore core;
  final Channel channel;
  final boolean secure;
  final InetSocketAddress remote;

  /** Where the same is to be had by HTTP/3: the {@code alt-svc} field of replies, or none. */
  final @Nullable String altSvc;

  private CloseReason reason = CloseReason.PEER;
  private BooleanSupplier early = () -> false;

  Peer(
      ServerCore core,
      Channel channel,
      boolean secure,
      InetSocketAddress remote,
      @Nullable String altSvc) {
    this.core = core;
    this.channel = channel;
    this.secure = secure;
    this.remote = remote;
    this.altSvc = altSvc;
  }

  /** How to tell, on the event loop, whether the handshake is still to be finished. */
  void earlyWhile(BooleanSupplier unfinished) {
    early = unfinished;
  }

  /** True while what is read may be a replay (RFC 8446 §8). */
  boolean early() {
    return early.getAsBoolean();
  }

  EventLoop loop() {
    return channel.eventLoop();
  }

  CloseReason reason() {
    return reason == CloseReason.PEER && channel instanceof QuicChannel quic && quic.isTimedOut()
        ? CloseReason.IDLE
        : reason;
  }

  /** Keeps the first reason given; only {@link #abort} overrules it. */
  void because(CloseReason why) {
    if (reason == CloseReason.PEER) {
      reason = why;
    }
  }

  /** Closes after what was flushed, with TLS's and HTTP/2's farewell, or HTTP/3's. */
  void close(CloseReason why) {
    because(why);
    if (channel instanceof QuicChannel quic) {
      var _ = quic.close(true, Http3ErrorCode.H3_NO_ERROR.code(), Unpooled.EMPTY_BUFFER);
    } else {
      var _ = channel.close();
    }
  }

  /** Closes at once and drops what the peer did not take; the kernel's copy too (RST). */
  void abort(CloseReason why) {
    if (!channel.isOpen()) {
      return;
    }
    reason = why;
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException e) {
      // The peer has reset it already, so that there is nothing left to drop.
    }
    channel.unsafe().close(channel.voidPromise());
  }
}
