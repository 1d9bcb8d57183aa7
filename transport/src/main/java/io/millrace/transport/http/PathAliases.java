package io.millrace.transport.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;

/**
 * Another name, towards the codec, for the address of a client that has moved and whose new path
 * was given up (RFC 9000 §8.2.4, §9.3.3).
 *
 * <p>quiche gives a path up for good when one of its loss timers fires while the challenge that
 * probes its MTU is on the way, for it takes what was received before the address was proven for
 * what may be sent after it ({@code Path::on_loss_detection_timeout}). A client whose first answer
 * from its new network takes some tens of milliseconds too long meets that; and as it goes on
 * sending from there, the connection is without any path that may be used, hangs, and dies of its
 * idle timeout. Under another name the address is one that was not seen before, and is validated
 * from the beginning, with nothing to its credit but what comes from there.
 *
 * <p>In front of the codec, one per socket, confined to its event loop.
 */
final class PathAliases extends ChannelDuplexHandler {
  /** For documentation, so that nobody has it (RFC 5737 §3). */
  private static final InetAddress NOBODY = nobody();

  /** A client has a few, one for each try; the codec takes no more paths than connection ids. */
  private static final int MAX_ALIASES = 1_000;

  private final Map<InetSocketAddress, InetSocketAddress> aliases = new HashMap<>();
  private final Map<InetSocketAddress, InetSocketAddress> addresses = new HashMap<>();
  private int nextPort = 1;

  private static InetAddress nobody() {
    try {
      return InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // it has four bytes
    }
  }

  /**
   * Names an address anew.
   *
   * @param peer as the codec knows it
   * @return to be run when its connection has ended
   */
  Runnable rename(InetSocketAddress peer) {
    InetSocketAddress address = addresses.getOrDefault(peer, peer);
    if (addresses.size() >= MAX_ALIASES) {
      return () -> {};
    }
    InetSocketAddress alias = new InetSocketAddress(NOBODY, nextPort);
    nextPort = nextPort == 0xffff ? 1 : nextPort + 1;
    aliases.put(address, alias);
    addresses.put(alias, address);
    return () -> {
      addresses.remove(alias);
      aliases.remove(address, alias);
    };
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!aliases.isEmpty()
        && message instanceof DatagramPacket packet
        && aliases.get(packet.sender()) instanceof InetSocketAddress alias) {
      ctx.fireChannelRead(new DatagramPacket(packet.content(), packet.recipient(), alias));
    } else {
      ctx.fireChannelRead(message);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    Object sent = message;
    if (!addresses.isEmpty()
        && message instanceof DatagramPacket packet
        && addresses.get(packet.recipient()) instanceof InetSocketAddress address) {
      sent =
          packet instanceof SegmentedDatagramPacket segments
              ? new SegmentedDatagramPacket(packet.content(), segments.segmentSize(), address)
              : new DatagramPacket(packet.content(), address, packet.sender());
    }
    var _ = ctx.write(sent, promise);
  }
}
