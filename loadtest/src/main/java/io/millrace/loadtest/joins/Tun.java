package io.millrace.loadtest.joins;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/**
 * A network interface whose other end is this process: Linux's TUN device
 * (Documentation/networking/tuntap.rst), reached through java.lang.foreign. It is gone when it is
 * closed, or the process ends.
 *
 * <p>One thread may read while another writes.
 */
final class Tun implements AutoCloseable {
  private static final String DEVICE = "/dev/net/tun";
  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;

  /** {@code _IOW('T', 202, int)}. */
  private static final long TUNSETIFF = 0x400454caL;

  private static final short IFF_TUN = 0x0001;
  private static final short IFF_NO_PI = 0x1000;

  /** {@code struct ifreq}: a name of 16 bytes, flags, and the rest of a union. */
  private static final int IFREQ_BYTES = 40;

  private static final int IFREQ_FLAGS = 16;
  private static final int NAME_BYTES = 15;
  private static final short POLLIN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO_OFFSET = CALL_STATE.byteOffset(PathElement.groupElement("errno"));

  private static final MethodHandle OPEN =
      handle("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), ERRNO);
  private static final MethodHandle IOCTL =
      handle(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          ERRNO,
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle POLL =
      handle("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle READ =
      handle("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle WRITE =
      handle("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle CLOSE =
      handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final int fd;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment pollfd = arena.allocate(8, 4);
  private final MemorySegment in;
  private final MemorySegment out;

  private Tun(int fd, int packetBytes) {
    this.fd = fd;
    this.in = arena.allocate(packetBytes);
    this.out = arena.allocate(packetBytes);
    pollfd.set(JAVA_INT, 0, fd);
    pollfd.set(JAVA_SHORT, 4, POLLIN);
  }

  private static MethodHandle handle(
      String name, FunctionDescriptor shape, Linker.Option... options) {
    MemorySegment symbol =
        LINKER
            .defaultLookup()
            .find(name)
            .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
    return LINKER.downcallHandle(symbol, shape, options);
  }

  /**
   * Makes the interface; it is down and has no address.
   *
   * @param name at most 15 characters
   * @param packetBytes no packet is longer
   * @throws IOException when the system does not let us, with what it would need
   */
  static Tun open(String name, int packetBytes) throws IOException {
    byte[] characters = name.getBytes(StandardCharsets.US_ASCII);
    if (characters.length > NAME_BYTES) {
      throw new IllegalArgumentException("too long for an interface: " + name);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(DEVICE), O_RDWR | O_CLOEXEC);
      if (fd < 0) {
        throw refused(DEVICE, state);
      }
      MemorySegment request = arena.allocate(IFREQ_BYTES, 8);
      MemorySegment.copy(characters, 0, request, JAVA_BYTE, 0, characters.length);
      request.set(JAVA_SHORT, IFREQ_FLAGS, (short) (IFF_TUN | IFF_NO_PI));
      if ((int) IOCTL.invokeExact(state, fd, TUNSETIFF, request) != 0) {
        IOException refused = refused("the interface " + name, state);
        var _ = (int) CLOSE.invokeExact(fd);
        throw refused;
      }
      return new Tun(fd, packetBytes);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static IOException refused(String what, MemorySegment state) {
    return new IOException(
        "cannot open "
            + what
            + " (error "
            + state.get(JAVA_INT, ERRNO_OFFSET)
            + "): it takes root, or a network namespace of one's own, as in "
            + "unshare -rn sh -c 'ip link set lo up; loadtest/run …'");
  }

  /**
   * Waits for a packet.
   *
   * @return what was read; empty when none came in {@code waitMs}
   */
  byte[] read(int waitMs) {
    try {
      if ((int) POLL.invokeExact(pollfd, 1L, waitMs) <= 0) {
        return new byte[0];
      }
      long size = (long) READ.invokeExact(fd, in, in.byteSize());
      return in.asSlice(0, Math.max(0, size)).toArray(JAVA_BYTE);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Hands a packet to the system; false when it did not take it. */
  boolean write(byte[] packet) {
    try {
      MemorySegment.copy(packet, 0, out, JAVA_BYTE, 0, packet.length);
      return (long) WRITE.invokeExact(fd, out, (long) packet.length) == packet.length;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Once nobody reads nor writes. */
  @Override
  public void close() {
    try {
      var _ = (int) CLOSE.invokeExact(fd);
    } catch (Throwable e) {
      throw unexpected(e);
    }
    arena.close();
  }

  /** Calls of these shapes throw nothing of their own. */
  private static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException plain ? plain : new IllegalStateException(thrown);
  }
}
