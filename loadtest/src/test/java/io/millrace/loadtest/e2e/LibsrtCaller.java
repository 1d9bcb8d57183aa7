package io.millrace.loadtest.e2e;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * libsrt itself as a caller, by its C API: the programs that are built on it print words, and the
 * API says the number.
 */
final class LibsrtCaller {
  private static final List<String> LIBRARIES =
      List.of("libsrt.so.1.5", "libsrt-gnutls.so.1.5", "libsrt-openssl.so.1.5");

  // srt.h, SRT_SOCKOPT
  private static final int SRTO_PASSPHRASE = 26;
  private static final int SRTO_CONNTIMEO = 36;
  private static final int SRTO_STREAMID = 46;

  private static final int CONNECT_LIMIT_MS = 30_000;
  private static final int AF_INET = 2;
  private static final int LOOPBACK = 0x7F000001;
  private static final long ADDRESS_BYTES = 16;

  private final SymbolLookup library;

  private LibsrtCaller(SymbolLookup library) {
    this.library = library;
  }

  static LibsrtCaller require() {
    for (String name : LIBRARIES) {
      try {
        LibsrtCaller found = new LibsrtCaller(SymbolLookup.libraryLookup(name, Arena.global()));
        found.call("srt_startup", FunctionDescriptor.of(JAVA_INT));
        return found;
      } catch (IllegalArgumentException e) {
        // The next one.
      }
    }
    return Tool.missing("none of " + LIBRARIES + " is installed");
  }

  /**
   * Calls a listener on loopback.
   *
   * @param passphrase empty for none
   * @return what {@code srt_getrejectreason} says, 0 when the call was taken
   */
  int rejectReason(int port, String streamId, String passphrase) {
    FunctionDescriptor ofSocket = FunctionDescriptor.of(JAVA_INT, JAVA_INT);
    int socket = call("srt_create_socket", FunctionDescriptor.of(JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      set(socket, SRTO_CONNTIMEO, arena.allocateFrom(JAVA_INT, CONNECT_LIMIT_MS));
      set(socket, SRTO_STREAMID, text(arena, streamId));
      if (!passphrase.isEmpty()) {
        set(socket, SRTO_PASSPHRASE, text(arena, passphrase));
      }
      MemorySegment address = arena.allocate(ADDRESS_BYTES, Integer.BYTES);
      address.set(JAVA_SHORT, 0, (short) AF_INET);
      address.set(JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN), 2, (short) port);
      address.set(JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN), 4, LOOPBACK);
      int connected =
          call(
              "srt_connect",
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
              socket,
              address,
              (int) ADDRESS_BYTES);
      return connected == 0 ? 0 : call("srt_getrejectreason", ofSocket, socket);
    } finally {
      call("srt_close", ofSocket, socket);
    }
  }

  private static MemorySegment text(Arena arena, String value) {
    return arena.allocateFrom(JAVA_BYTE, value.getBytes(StandardCharsets.UTF_8));
  }

  private void set(int socket, int option, MemorySegment value) {
    FunctionDescriptor shape =
        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    if (call("srt_setsockflag", shape, socket, option, value, (int) value.byteSize()) != 0) {
      throw new AssertionError("libsrt does not take option " + option);
    }
  }

  private int call(String function, FunctionDescriptor shape, Object... arguments) {
    MethodHandle handle =
        Linker.nativeLinker().downcallHandle(library.find(function).orElseThrow(), shape);
    try {
      return (int) handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(function, e);
    }
  }
}
