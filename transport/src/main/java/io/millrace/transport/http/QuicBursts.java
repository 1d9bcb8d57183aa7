package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a batch of received datagrams has given connections to send, such as the answer to a
 * request or what an acknowledgement has made room for: nearly all of what viewers load.
 *
 * <p>The codec, which comes next, would do it right after, with the same packets in the same order:
 * it takes from quiche until there is nothing more. It makes a buffer of every packet, though, a
 * composite and as many entries of a vector of up to 45 of them, and crosses into native code six
 * times a packet. Here packets are written one behind the other into one piece of memory, which the
 * kernel cuts up again (UDP_SEGMENT: all of a length but the last, which may be shorter), and
 * quiche is called once for each. The codec then finds nothing left, and does the rest: timers,
 * tasks of TLS, connections that have ended. Handshakes, timeouts and what is written at another
 * time are its own as before. It is the last handler of the socket.
 *
 * <p>What may be sent is decided by quiche alone: congestion window, flow control, the limit of an
 * address that is not proven, and the address. One per socket; confined to its event loop.
 */
final class QuicBursts extends ChannelInboundHandlerAdapter {
  /** What one call of the system takes of one peer: less than 64 KiB with headers (udp(7)). */
  private static final int SLAB_BYTES = 65_507;

  /** The kernel's limit in one call before Linux 6.9 (UDP_MAX_SEGMENTS). */
  private static final int MAX_SEGMENTS = 64;

  private final QuicOutput output;

  /** What is being filled; its written part may be on its way through the pipeline. */
  private @Nullable ByteBuf slab;

  private boolean sending;

  /**
   * @param output nobody else's
   */
  QuicBursts(QuicOutput output) {
    this.output = output;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    for (QuicChannel connection : QuicOutput.received(ctx.pipeline().last())) {
      send(connection);
    }
    ctx.fireChannelReadComplete();
  }

  /**
   * Sends until quiche has nothing more, or the connection has ended meanwhile; nothing while it is
   * in its handshake.
   */
  void send(QuicChannel connection) {
    if (sending || !connection.isActive()) {
      return; // a write that has told somebody something must not come back into the memory
    }
    sending = true;
    try {
      int maxBytes = output.maxBytes(connection);
      while (maxBytes > 0 && sendTrain(connection, maxBytes)) {
        maxBytes = output.maxBytes(connection);
      }
    } finally {
      sending = false;
    }
  }

  /**
   * Sends packets of one length, and behind them a shorter one, that one call of the system can
   * carry. What comes to be longer than the one before it, as a probe of the path's MTU is (RFC
   * 9000 §14.4), goes by itself: where it does not fit, the kernel refuses all of a call.
   *
   * @return false when these were the last
   */
  private boolean sendTrain(QuicChannel connection, int maxBytes) {
    ByteBuf memory = room(connection.parent(), maxBytes);
    int start = memory.writerIndex();
    int segmentBytes = 0;
    int segments = 0;
    InetSocketAddress to = output.to();
    while (memory.writableBytes() >= maxBytes && segments < MAX_SEGMENTS) {
      int end = memory.writerIndex();
      int size = output.next(connection, memory, maxBytes);
      if (size <= 0) {
        write(connection, memory, start, end, segmentBytes, to);
        return false;
      }
      boolean apart = size > segmentBytes || (segments == 1 && size < segmentBytes);
      if (apart || output.moved()) {
        write(connection, memory, start, end, segmentBytes, to);
        start = end;
        segmentBytes = size;
        segments = 0;
        to = output.to();
      }
      segments++;
      if (size < segmentBytes) {
        break;
      }
    }
    write(connection, memory, start, memory.writerIndex(), segmentBytes, to);
    return true;
  }

  private static void write(
      QuicChannel connection,
      ByteBuf memory,
      int start,
      int end,
      int segmentBytes,
      InetSocketAddress to) {
    if (start < end) {
      ByteBuf sent = memory.retainedSlice(start, end - start);
      var _ =
          connection
              .parent()
              .write(
                  end - start > segmentBytes
                      ? new SegmentedDatagramPacket(sent, segmentBytes, to)
                      : new DatagramPacket(sent, to));
    }
  }

  /** Memory with room for a datagram: the same again when all that was in it has been sent. */
  private ByteBuf room(Channel socket, int bytes) {
    ByteBuf memory = slab;
    if (memory != null && memory.refCnt() == 1) {
      return memory.clear();
    }
    if (memory != null && memory.writableBytes() >= bytes) {
      return memory;
    }
    if (memory != null) {
      memory.release();
    }
    ByteBuf fresh = socket.alloc().directBuffer(SLAB_BYTES, SLAB_BYTES);
    slab = fresh;
    return fresh;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (slab != null) {
      slab.release();
      slab = null;
    }
  }
}
