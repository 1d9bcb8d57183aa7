package io.millrace.transport.srt;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.nio.ByteOrder.BIG_ENDIAN;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.FastThreadLocal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;

/**
 * The memory that an event loop's sockets receive into, one after the other: what {@code recvmmsg}
 * fills in, and what it is told. Layouts of 64-bit Linux:
 *
 * <pre>
 *  struct mmsghdr       0 name ──► sockaddr    8 its length   16 iov ──► (address, length) of the room
 *                      24 1                   32 control ──► cmsg      40 its length
 *                      48 flags               56 bytes received
 *  sockaddr_in          0 family = 2           2 port          4 address            network order
 *  sockaddr_in6         0 family = 10          2 port          8 address   24 scope
 *  cmsg                 0 length               8 level = 17   12 type = 104  16 bytes of a segment
 * </pre>
 *
 * Datagrams that the kernel has joined (UDP_GRO) lie in one room, each as long as the control
 * message says and the last as long as is left. Confined to the loop's thread; its memory is left
 * to the garbage collector.
 */
final class ReceiveRing {
  /** Datagrams, or joined ones, by a call. */
  static final int SLOTS = 32;

  /** The largest that UDP carries, rounded up. */
  private static final int ROOM_BYTES = 64 << 10;

  /** Rooms at a power of two apart would share few lines of the processor's cache. */
  private static final int ROOM_STRIDE = ROOM_BYTES + 25 * 64;

  private static final int HEADER_BYTES = 64;
  private static final int NAME_LENGTH = 8;
  private static final int IOV = 16;
  private static final int IOV_COUNT = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;
  private static final int RECEIVED = 56;

  private static final int NAME_BYTES = 28;
  private static final int NAME_STRIDE = 32;
  private static final int IOV_BYTES = 16;
  private static final int CONTROL_BYTES = 64;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int MSG_TRUNC = 0x20;
  private static final int SOL_UDP = 17;
  private static final int UDP_GRO = 104;

  /** Of a control message with an int. */
  private static final int SEGMENT_MESSAGE_BYTES = 20;

  private static final ValueLayout.OfShort NET_SHORT = JAVA_SHORT.withOrder(BIG_ENDIAN);
  private static final ValueLayout.OfInt NET_INT = JAVA_INT.withOrder(BIG_ENDIAN);
  private static final ValueLayout.OfLong NET_LONG = JAVA_LONG.withOrder(BIG_ENDIAN);

  private static final FastThreadLocal<ReceiveRing> RINGS =
      new FastThreadLocal<>() {
        @Override
        protected ReceiveRing initialValue() {
          return new ReceiveRing();
        }
      };

  private final MemorySegment headers;
  private final MemorySegment names;
  private final MemorySegment controls;
  private final MemorySegment callState;
  private final ByteBuf rooms;

  /** Kept alive for the kernel, which reads it. */
  private final MemorySegment iovs;

  private ReceiveRing() {
    Arena arena = Arena.ofAuto();
    headers = arena.allocate((long) SLOTS * HEADER_BYTES, Long.BYTES);
    names = arena.allocate((long) SLOTS * NAME_STRIDE, Long.BYTES);
    controls = arena.allocate((long) SLOTS * CONTROL_BYTES, Long.BYTES);
    callState = arena.allocate(Libc.CALL_STATE);
    MemorySegment room = arena.allocate((long) SLOTS * ROOM_STRIDE, HEADER_BYTES);
    iovs = arena.allocate((long) SLOTS * IOV_BYTES, Long.BYTES);
    rooms = Unpooled.wrappedBuffer(room.asByteBuffer());
    for (int slot = 0; slot < SLOTS; slot++) {
      long header = (long) slot * HEADER_BYTES;
      long iov = (long) slot * IOV_BYTES;
      iovs.set(JAVA_LONG, iov, room.address() + (long) slot * ROOM_STRIDE);
      iovs.set(JAVA_LONG, iov + Long.BYTES, ROOM_BYTES);
      headers.set(JAVA_LONG, header, names.address() + (long) slot * NAME_STRIDE);
      headers.set(JAVA_LONG, header + IOV, iovs.address() + iov);
      headers.set(JAVA_LONG, header + IOV_COUNT, 1);
      headers.set(JAVA_LONG, header + CONTROL, controls.address() + (long) slot * CONTROL_BYTES);
      reset(slot);
    }
  }

  /** The ring of this thread. */
  static ReceiveRing current() {
    ReceiveRing ring = RINGS.get();
    if (ring.rooms.refCnt() != 1) {
      ring = new ReceiveRing(); // somebody kept a packet, which would change under him
      RINGS.set(ring);
    }
    return ring;
  }

  /**
   * Receives into the first slots.
   *
   * @return how many, or a negative error number
   */
  int receive(int fd) {
    int received = Libc.receive(callState, fd, headers.address(), SLOTS);
    Reference.reachabilityFence(iovs);
    return received;
  }

  /** Bytes in {@code slot}; 0 where they were not all of it. */
  int bytes(int slot) {
    long header = (long) slot * HEADER_BYTES;
    return (headers.get(JAVA_INT, header + FLAGS) & MSG_TRUNC) != 0
        ? 0
        : headers.get(JAVA_INT, header + RECEIVED);
  }

  /** Bytes of each datagram in {@code slot} but the last; 0 where there is one only. */
  int segmentBytes(int slot) {
    if (headers.get(JAVA_LONG, (long) slot * HEADER_BYTES + CONTROL_LENGTH)
        < SEGMENT_MESSAGE_BYTES) {
      return 0;
    }
    long control = (long) slot * CONTROL_BYTES;
    return controls.get(JAVA_INT, control + 8) == SOL_UDP
            && controls.get(JAVA_INT, control + 12) == UDP_GRO
        ? Math.max(0, controls.get(JAVA_INT, control + 16))
        : 0;
  }

  /**
   * Says where the content of {@code slot} came from.
   *
   * @return false where that is no internet address
   */
  boolean source(int slot, Source source) {
    long name = (long) slot * NAME_STRIDE;
    int port = Short.toUnsignedInt(names.get(NET_SHORT, name + 2));
    switch (names.get(JAVA_SHORT, name)) {
      case AF_INET -> source.setIpv4(names.get(NET_INT, name + 4), port);
      case AF_INET6 ->
          source.setIpv6(
              names.get(NET_LONG, name + 8),
              names.get(NET_LONG, name + 16),
              port,
              names.get(JAVA_INT, name + 24));
      default -> {
        return false;
      }
    }
    return true;
  }

  /** A datagram in {@code slot}: this ring's only buffer, lent until the next one is asked for. */
  ByteBuf datagram(int slot, int offset, int bytes) {
    int start = slot * ROOM_STRIDE + offset;
    return rooms.setIndex(start, start + bytes);
  }

  /** Makes {@code slot} ready to be received into again. */
  void reset(int slot) {
    long header = (long) slot * HEADER_BYTES;
    headers.set(JAVA_INT, header + NAME_LENGTH, NAME_BYTES);
    headers.set(JAVA_LONG, header + CONTROL_LENGTH, CONTROL_BYTES);
    headers.set(JAVA_INT, header + FLAGS, 0);
  }
}
