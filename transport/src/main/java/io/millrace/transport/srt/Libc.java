package io.millrace.transport.srt;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What {@link DirectReader} needs of the C library, called through java.lang.foreign; numbers and
 * layouts are those of 64-bit, little-endian Linux. Nothing here may be touched elsewhere: {@link
 * #whyNot} says where it may.
 *
 * <p>Pointers are passed as numbers, so that a call costs no object and no session. Whoever calls
 * keeps the memory alive.
 */
final class Libc {
  static final int EPERM = 1;
  static final int EBADF = 9;
  static final int EAGAIN = 11;
  static final int EFAULT = 14;
  static final int EINVAL = 22;
  static final int ENOSYS = 38;
  static final int ENOTSOCK = 88;

  /** Of the memory that {@link #receive} puts the error number into. */
  static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();

  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int MSG_DONTWAIT = 0x40;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final long ERRNO_OFFSET = CALL_STATE.byteOffset(PathElement.groupElement("errno"));

  /** recvmmsg(2): socket, headers, how many, flags, no timeout. */
  private static final MethodHandle RECVMMSG =
      LINKER.downcallHandle(
          symbol("recvmmsg"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG),
          ERRNO);

  /** fcntl(2) with one argument. */
  private static final MethodHandle FCNTL =
      LINKER.downcallHandle(
          symbol("fcntl"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
          Linker.Option.firstVariadicArg(2));

  private Libc() {}

  private static MemorySegment symbol(String name) {
    return LINKER
        .defaultLookup()
        .find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
  }

  /** Returns null where this class may be used, else what is in the way. */
  static @Nullable String whyNot() {
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return "the system is not Linux";
    }
    if (ValueLayout.ADDRESS.byteSize() != Long.BYTES
        || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      return "the machine is not a little-endian one of 64 bits";
    }
    if (!Libc.class.getModule().isNativeAccessEnabled()) {
      return "java runs without --enable-native-access=ALL-UNNAMED";
    }
    try {
      return fcntlWorks() ? null : "fcntl does not work";
    } catch (LinkageError e) {
      return "the C library cannot be called: " + e;
    }
  }

  private static boolean fcntlWorks() {
    return duplicate(-1) == -1;
  }

  /** Returns another descriptor of the same file, closed on exec, or -1. */
  static int duplicate(int fd) {
    try {
      return (int) FCNTL.invokeExact(fd, F_DUPFD_CLOEXEC, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Receives datagrams, and does not wait.
   *
   * @param callState of {@link #CALL_STATE}
   * @param headers address of as many {@code struct mmsghdr}
   * @return how many were received, or an error number, negative
   */
  static int receive(MemorySegment callState, int fd, long headers, int count) {
    try {
      int received = (int) RECVMMSG.invokeExact(callState, fd, headers, count, MSG_DONTWAIT, 0L);
      return received >= 0 ? received : -callState.get(JAVA_INT, ERRNO_OFFSET);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Calls of these shapes throw nothing of their own. */
  private static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(thrown);
  }
}
