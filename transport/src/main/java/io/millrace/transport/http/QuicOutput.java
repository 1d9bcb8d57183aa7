package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.quic.QuicChannel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes packets from quiche, past Netty's access rules, with nothing in between. Where a version of
 * Netty has these parts no longer, its codec takes them alone.
 *
 * <p>Confined to one event loop.
 */
final class QuicOutput {
  private static final Logger LOG = LoggerFactory.getLogger(QuicOutput.class);
  private static final String PACKAGE = "io.netty.handler.codec.quic.";
  private static final QuicChannel[] NONE = {};

  /** Of {@code struct sockaddr_in6}; what is shorter has zeros or an older one's end behind it. */
  private static final int SOCKADDR_BYTES = 28;

  /**
   * @param received field of the codec: connections that datagrams came for since its last
   *     channelReadComplete
   * @param connection field of a channel: quiche's connection, and a handle of its address
   * @param address long field of that: where quiche's memory is; -1 when it was freed
   * @param maxPayload int (long address): what a datagram may carry
   * @param send int (long address, long memory, int room, long info): writes a packet; its size, or
   *     below 0 when there is none now
   * @param infoBytes of {@code quiche_send_info}
   * @param toAt of the address in it
   * @param toLengthAt of that address's length, 32 bits
   * @param toAddress InetSocketAddress (info): what Netty has put its ports in by, bytes swapped
   */
  private record Handles(
      VarHandle received,
      VarHandle connection,
      VarHandle address,
      MethodHandle maxPayload,
      MethodHandle send,
      int infoBytes,
      int toAt,
      int toLengthAt,
      MethodHandle toAddress) {}

  private static final @Nullable Handles HANDLES = find();

  private final MemorySegment info;
  private final ByteBuffer infoBuffer;
  private final MemorySegment to;
  private final MemorySegment known;
  private int knownBytes;
  private InetSocketAddress address = new InetSocketAddress(0);
  private boolean moved;

  private QuicOutput(Handles handles) {
    this.info = Arena.ofAuto().allocate(handles.infoBytes, Long.BYTES);
    this.known = Arena.ofAuto().allocate(SOCKADDR_BYTES);
    this.infoBuffer = info.asByteBuffer().order(ByteOrder.nativeOrder());
    this.to = info.asSlice(handles.toAt, SOCKADDR_BYTES);
  }

  /**
   * For one socket.
   *
   * @return null when it cannot be had, or an allocator's memory has no address that Java may know
   */
  static @Nullable QuicOutput open(ByteBufAllocator allocator) {
    ByteBuf sample = allocator.directBuffer(1);
    try {
      return HANDLES == null || !sample.hasMemoryAddress() ? null : new QuicOutput(HANDLES);
    } finally {
      sample.release();
    }
  }

  /** A copy of the connections that the codec has received datagrams for. */
  static QuicChannel[] received(ChannelHandler codec) {
    return HANDLES == null ? NONE : ((Queue<?>) HANDLES.received.get(codec)).toArray(NONE);
  }

  /** The most that a datagram to a connection's peer may carry; 0 when the connection is gone. */
  int maxBytes(QuicChannel channel) {
    Handles handles = Objects.requireNonNull(HANDLES);
    try {
      long connection = (long) handles.address.get(handles.connection.get(channel));
      return connection == -1 ? 0 : (int) handles.maxPayload.invokeExact(connection);
    } catch (Throwable e) {
      throw new IllegalStateException(e); // it throws nothing
    }
  }

  /**
   * Appends a datagram's content.
   *
   * @param memory with room for it
   * @return its size; not above 0 when there is none now, with {@code memory} as it was. A fault of
   *     the connection is one reason: the codec, which asks quiche again, is told it too
   */
  int next(QuicChannel channel, ByteBuf memory, int maxBytes) {
    Handles handles = Objects.requireNonNull(HANDLES);
    try {
      long connection = (long) handles.address.get(handles.connection.get(channel));
      if (connection == -1) {
        return -1;
      }
      long end = memory.memoryAddress() + memory.writerIndex();
      int size = (int) handles.send.invokeExact(connection, end, maxBytes, info.address());
      if (size > 0) {
        memory.writerIndex(memory.writerIndex() + size);
        readAddress(handles);
      }
      return size;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // it throws nothing
    }
  }

  private void readAddress(Handles handles) throws Throwable {
    int toBytes = info.get(ValueLayout.JAVA_INT_UNALIGNED, handles.toLengthAt);
    moved = toBytes != knownBytes || to.mismatch(known) >= 0;
    if (moved) {
      known.copyFrom(to);
      knownBytes = toBytes;
      address = (InetSocketAddress) handles.toAddress.invokeExact(infoBuffer);
    }
  }

  /** Where the last datagram goes. */
  InetSocketAddress to() {
    return address;
  }

  /** True when the last datagram goes elsewhere than the one before it. */
  boolean moved() {
    return moved;
  }

  private static @Nullable Handles find() {
    try {
      Class<?> codec = Class.forName(PACKAGE + "QuicheQuicCodec");
      Class<?> channel = Class.forName(PACKAGE + "QuicheQuicChannel");
      Class<?> connection = Class.forName(PACKAGE + "QuicheQuicConnection");
      Class<?> info = Class.forName(PACKAGE + "QuicheSendInfo");
      Class<?> natives = Class.forName(PACKAGE + "Quiche");
      MethodHandles.Lookup quiche = within(natives);
      return new Handles(
          within(codec).findVarHandle(codec, "needsFireChannelReadComplete", Queue.class),
          within(channel).findVarHandle(channel, "connection", connection),
          within(connection).findVarHandle(connection, "connection", long.class),
          quiche.findStatic(
              natives,
              "quiche_conn_max_send_udp_payload_size",
              MethodType.methodType(int.class, long.class)),
          quiche.findStatic(
              natives,
              "quiche_conn_send",
              MethodType.methodType(int.class, long.class, long.class, int.class, long.class)),
          constant(quiche, natives, "SIZEOF_QUICHE_SEND_INFO"),
          constant(quiche, natives, "QUICHE_SEND_INFO_OFFSETOF_TO"),
          constant(quiche, natives, "QUICHE_SEND_INFO_OFFSETOF_TO_LEN"),
          within(info)
              .findStatic(
                  info,
                  "getToAddress",
                  MethodType.methodType(InetSocketAddress.class, ByteBuffer.class)));
    } catch (ReflectiveOperationException e) {
      LOG.atWarn()
          .addKeyValue("cause", e.toString())
          .log("sending over quic takes more of the processor");
      return null;
    }
  }

  private static MethodHandles.Lookup within(Class<?> type) throws IllegalAccessException {
    return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
  }

  private static int constant(MethodHandles.Lookup lookup, Class<?> in, String name)
      throws ReflectiveOperationException {
    return (int) lookup.findStaticVarHandle(in, name, int.class).get();
  }
}
