package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Has early data delivered (RFC 9001 §4.6). After each datagram with an Initial packet the codec,
 * which comes next, is told that reading is complete: that lets quiche go on with the handshake and
 * decrypt what follows. Then the connection that the packet was for is asked for its streams at
 * once.
 *
 * <p>One per socket, behind {@link DatagramFilter}; confined to its event loop.
 */
final class InitialPackets extends ChannelInboundHandlerAdapter {
  private final Map<ByteBuffer, QuicChannel> handshaking = new HashMap<>();
  private @Nullable ByteBuffer current;
  private boolean stopped;

  /** Drops what would open a connection from here on. */
  void stop() {
    stopped = true;
  }

  /**
   * Notes a connection that the current datagram has opened.
   *
   * @return to be run when its handshake has ended
   */
  Runnable opened(QuicChannel channel) {
    ByteBuffer id = current;
    if (id == null) {
      return () -> {};
    }
    handshaking.put(id, channel);
    return () -> handshaking.remove(id);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof DatagramPacket packet)
        || !DatagramFilter.isInitial(packet.content())) {
      ctx.fireChannelRead(message);
      return;
    }
    ByteBuffer id = destinationId(packet.content());
    if (id == null || (stopped && !handshaking.containsKey(id))) {
      ReferenceCountUtil.release(message);
      return;
    }
    current = id;
    ctx.fireChannelRead(message);
    current = null;
    ctx.fireChannelReadComplete();
    QuicChannel channel = handshaking.get(id);
    if (channel != null) {
      QuicInternals.deliver(channel);
    }
  }

  /** A copy; null when it is longer than QUIC allows, or than the datagram. */
  private static @Nullable ByteBuffer destinationId(ByteBuf bytes) {
    int at = bytes.readerIndex() + DatagramFilter.ID_AT;
    int size = bytes.getUnsignedByte(at - 1);
    if (size > DatagramFilter.ID_BYTES || bytes.writerIndex() < at + size) {
      return null;
    }
    return ByteBuffer.wrap(ByteBufUtil.getBytes(bytes, at, size, true));
  }
}
