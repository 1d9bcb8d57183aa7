package io.millrace.transport.tls;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.millrace.transport.tls.ElfSymbols.Function;
import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Functions of BoringSSL for early data, which netty-tcnative contains and does not expose. They
 * are local symbols of its library, so the dynamic linker does not find them: their places are read
 * from the library's file in the jar ({@link ElfSymbols}), and counted from one symbol that is
 * exported.
 *
 * <p>Before anything is called, the code in memory is compared with the code in the file, function
 * by function: another library of the same name, or another build of it, is noticed and not called.
 * Where anything is amiss, {@link #whyNot} says what, and TLS is served without early data.
 *
 * <p>Pointers are those of Netty's engines and contexts. Who calls keeps them alive, and calls on
 * the engine's event loop.
 */
final class BoringSsl {
  private static final String RESOURCE = "META-INF/native/libnetty_tcnative_linux_";
  private static final String ANCHOR = "JNI_OnLoad_netty_tcnative";

  private static final String CONTEXT_ENABLE = "SSL_CTX_set_early_data_enabled";
  private static final String ENABLE = "SSL_set_early_data_enabled";
  private static final String IN_INIT = "SSL_in_init";
  private static final String ACCEPTED = "SSL_early_data_accepted";
  private static final String REUSED = "SSL_session_reused";
  private static final String IN_EARLY_DATA = "SSL_in_early_data";
  private static final String WRITE = "SSL_write";

  private static final FunctionDescriptor SET = FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT);
  private static final FunctionDescriptor GET = FunctionDescriptor.of(JAVA_INT, JAVA_LONG);
  private static final FunctionDescriptor PUT =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);

  private static final Binding BINDING = bind();

  private sealed interface Binding {}

  private record Bound(
      MethodHandle contextEnable,
      MethodHandle enable,
      MethodHandle inInit,
      MethodHandle accepted,
      MethodHandle reused,
      MethodHandle inEarlyData,
      MethodHandle write)
      implements Binding {}

  private record Missing(String why) implements Binding {}

  private BoringSsl() {}

  /** Returns null where the functions below may be called, else what is in the way. */
  static @Nullable String whyNot() {
    return switch (BINDING) {
      case Bound _ -> null;
      case Missing(String why) -> why;
    };
  }

  /** Lets every session of a context take early data and offer it in its tickets. */
  static void enableEarlyData(long context) {
    try {
      bound().contextEnable.invokeExact(context, 1);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Lets one session take early data, or not; before its handshake begins. */
  static void allowEarlyData(long ssl, boolean allow) {
    try {
      bound().enable.invokeExact(ssl, allow ? 1 : 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * True until the peer's Finished has been verified. Early data is read while this is true, and
   * nothing else is.
   */
  static boolean isHandshaking(long ssl) {
    return get(bound().inInit, ssl);
  }

  static boolean isEarlyDataAccepted(long ssl) {
    return get(bound().accepted, ssl);
  }

  static boolean isResumed(long ssl) {
    return get(bound().reused, ssl);
  }

  /** Of a client: whether what it writes now is early data. */
  static boolean isInEarlyData(long ssl) {
    return get(bound().inEarlyData, ssl);
  }

  /**
   * Encrypts and hands to the session's BIO.
   *
   * @param address of the bytes
   * @return how many bytes were taken, or what is not positive where that is not possible now
   */
  static int write(long ssl, long address, int size) {
    try {
      return (int) bound().write.invokeExact(ssl, address, size);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static boolean get(MethodHandle function, long ssl) {
    try {
      return (int) function.invokeExact(ssl) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static Bound bound() {
    return switch (BINDING) {
      case Bound bound -> bound;
      case Missing(String why) -> throw new IllegalStateException(why);
    };
  }

  private static Binding bind() {
    if (!OpenSsl.isAvailable()) {
      return new Missing("BoringSSL is not available");
    }
    if (!System.getProperty("os.name", "").equals("Linux")) {
      return new Missing("the system is not Linux");
    }
    if (!BoringSsl.class.getModule().isNativeAccessEnabled()) {
      return new Missing("java runs without --enable-native-access=ALL-UNNAMED");
    }
    try {
      return bind(functions());
    } catch (IOException | LinkageError e) {
      return new Missing("netty-tcnative's library: " + e.getMessage());
    }
  }

  private static Map<String, Function> functions() throws IOException {
    String machine = System.getProperty("os.arch", "").equals("aarch64") ? "aarch_64" : "x86_64";
    String resource = RESOURCE + machine + ".so";
    try (InputStream in = BoringSsl.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException(resource + " is not on the class path");
      }
      return ElfSymbols.find(
          in.readAllBytes(),
          Set.of(ANCHOR, CONTEXT_ENABLE, ENABLE, IN_INIT, ACCEPTED, REUSED, IN_EARLY_DATA, WRITE));
    }
  }

  private static Binding bind(Map<String, Function> functions) throws IOException {
    Function anchor = functions.get(ANCHOR);
    MemorySegment loaded = SymbolLookup.loaderLookup().find(ANCHOR).orElse(null);
    if (anchor == null || loaded == null) {
      return new Missing("netty-tcnative's library has no " + ANCHOR);
    }
    long base = loaded.address() - anchor.address();
    for (Map.Entry<String, Function> each : functions.entrySet()) {
      if (!isLoaded(base, each.getValue())) {
        return new Missing("netty-tcnative's library in memory is not the one in its jar");
      }
    }
    return new Bound(
        handle(functions, base, CONTEXT_ENABLE, SET),
        handle(functions, base, ENABLE, SET),
        handle(functions, base, IN_INIT, GET),
        handle(functions, base, ACCEPTED, GET),
        handle(functions, base, REUSED, GET),
        handle(functions, base, IN_EARLY_DATA, GET),
        handle(functions, base, WRITE, PUT));
  }

  /** Code is position-independent, so that it has to be the same to the byte. */
  private static boolean isLoaded(long base, Function function) {
    byte[] code = function.code();
    MemorySegment memory =
        MemorySegment.ofAddress(base + function.address()).reinterpret(code.length);
    return Arrays.equals(memory.toArray(JAVA_BYTE), code);
  }

  private static MethodHandle handle(
      Map<String, Function> functions, long base, String name, FunctionDescriptor shape)
      throws IOException {
    Function function = functions.get(name);
    if (function == null) {
      throw new IOException("no symbol " + name);
    }
    return Linker.nativeLinker()
        .downcallHandle(MemorySegment.ofAddress(base + function.address()), shape);
  }

  /** Calls of these shapes throw nothing of their own. */
  private static RuntimeException unexpected(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    return new IllegalStateException(thrown);
  }
}
