package io.millrace.transport.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;

/** One accepted connection, whatever it speaks: the channel and why it ended. On its event loop. */
final class Peer {
  final ServerCore core;
  final Channel channel;
  final boolean secure;
  final InetSocketAddress remote;
  private CloseReason reason = CloseReason.PEER;

  Peer(ServerCore core, Channel channel, boolean secure, InetSocketAddress remote) {
    this.core = core;
    this.channel = channel;
    this.secure = secure;
    this.remote = remote;
  }

  EventLoop loop() {
    return channel.eventLoop();
  }

  CloseReason reason() {
    return reason;
  }

  /** Keeps the first reason given; only {@link #abort} overrules it. */
  void because(CloseReason why) {
    if (reason == CloseReason.PEER) {
      reason = why;
    }
  }

  /** Closes after what was flushed, with TLS's and HTTP/2's farewell. */
  void close(CloseReason why) {
    because(why);
    var _ = channel.close();
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
