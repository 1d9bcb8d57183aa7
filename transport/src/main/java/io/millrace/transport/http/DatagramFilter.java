package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops datagrams that are too short to be what they say (RFC 9000 §14.1, §17):
 *
 * <pre>
 * 1 1 t t x x x x | version (32) | length (8) | destination connection id | …     long header
 * 0 1 x x x x x x | destination connection id (160) | …                           short header
 * </pre>
 *
 * Who sends less than 1200 bytes gets no answer from us that is larger; and Netty's dispatcher,
 * which comes next, neither passes on nor releases a datagram that ends within its connection id.
 */
@ChannelHandler.Sharable
final class DatagramFilter extends ChannelInboundHandlerAdapter {
  /** Of ids that we give out: the most that QUIC has. */
  static final int ID_BYTES = 20;

  static final int ID_AT = 6;

  private static final Logger LOG = LoggerFactory.getLogger(DatagramFilter.class);
  private static final int LONG_HEADER = 0x80;
  private static final int TYPE_MASK = 0x30;
  private static final int VERSION_1 = 1;
  private static final int MIN_INITIAL_BYTES = 1200;
  private static final int MIN_SHORT_BYTES = 1 + ID_BYTES;

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof DatagramPacket packet && passes(packet.content())) {
      ctx.fireChannelRead(message);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  /** The socket's fault; it goes on. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.atDebug().setCause(cause).log("quic socket fault");
  }

  private static boolean passes(ByteBuf bytes) {
    if (!bytes.isReadable()) {
      return false;
    }
    if ((bytes.getByte(bytes.readerIndex()) & LONG_HEADER) == 0) {
      return bytes.readableBytes() >= MIN_SHORT_BYTES;
    }
    if (bytes.readableBytes() <= ID_AT) {
      return false;
    }
    boolean answered = version(bytes) != VERSION_1 || isInitial(bytes);
    return !answered || bytes.readableBytes() >= MIN_INITIAL_BYTES;
  }

  /** True for a datagram that begins with an Initial packet. Borrows it. */
  static boolean isInitial(ByteBuf bytes) {
    int first = bytes.getByte(bytes.readerIndex());
    return (first & LONG_HEADER) != 0
        && bytes.readableBytes() > ID_AT
        && version(bytes) == VERSION_1
        && (first & TYPE_MASK) == 0;
  }

  private static int version(ByteBuf bytes) {
    return bytes.getInt(bytes.readerIndex() + 1);
  }
}
