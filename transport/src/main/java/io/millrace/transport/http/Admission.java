package io.millrace.transport.http;

import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroup;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections in, and out again when they close, whatever they speak.
 *
 * @param connections all that were let in
 */
record Admission(ServerCore core, ConnectionGate gate, ChannelGroup connections) {
  private static final AttributeKey<Peer> PEER = AttributeKey.valueOf(Peer.class, "peer");

  /**
   * Lets a connection in; null when it is over a limit, and to be closed.
   *
   * @param secure behind TLS
   * @param altSvc see {@link Peer#altSvc}
   */
  @Nullable Peer admit(
      Channel channel, InetSocketAddress remote, boolean secure, @Nullable String altSvc) {
    String limit = gate.enter(remote.getAddress());
    if (limit != null) {
      core.stats().connectionRefused(limit);
      return null;
    }
    Peer peer = new Peer(core, channel, secure, remote, altSvc);
    channel.attr(PEER).set(peer);
    core.stats().connectionOpened();
    channel
        .closeFuture()
        .addListener(
            future -> {
              gate.leave(remote.getAddress());
              core.stats().connectionClosed(peer.reason());
            });
    connections.add(channel);
    return peer;
  }

  /** Cuts off every connection, each on its own loop. */
  void closeAll() {
    for (Channel connection : connections) {
      Peer peer = connection.attr(PEER).get();
      if (peer != null) {
        connection.eventLoop().execute(() -> peer.abort(CloseReason.SHUTDOWN));
      }
    }
  }
}
