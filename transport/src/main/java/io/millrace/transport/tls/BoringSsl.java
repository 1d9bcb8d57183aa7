package io.millrace.transport.tls;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Functions of BoringSSL for early data, which netty-tcnative contains and does not expose ({@link
 * LocalFunctions}). Where anything is amiss, {@link #whyNot} says what, and TLS is served without
 * early data.
 *
 * <p>Pointers are those of Netty's engines and contexts. Who calls keeps them alive, and calls on
 * the engine's event loop.
 */
final class BoringSsl {
  private static final String LIBRARY = "libnetty_tcnative_linux_";
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
      throw LocalFunctions.unexpected(e);
    }
  }

  /** Lets one session take early data, or not; before its handshake begins. */
  static void allowEarlyData(long ssl, boolean allow) {
    try {
      bound().enable.invokeExact(ssl, allow ? 1 : 0);
    } catch (Throwable e) {
      throw LocalFunctions.unexpected(e);
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
      throw LocalFunctions.unexpected(e);
    }
  }

  private static boolean get(MethodHandle function, long ssl) {
    try {
      return (int) function.invokeExact(ssl) != 0;
    } catch (Throwable e) {
      throw LocalFunctions.unexpected(e);
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
    try {
      LocalFunctions functions =
          LocalFunctions.of(
              LIBRARY,
              ANCHOR,
              Set.of(CONTEXT_ENABLE, ENABLE, IN_INIT, ACCEPTED, REUSED, IN_EARLY_DATA, WRITE));
      return new Bound(
          functions.handle(CONTEXT_ENABLE, SET),
          functions.handle(ENABLE, SET),
          functions.handle(IN_INIT, GET),
          functions.handle(ACCEPTED, GET),
          functions.handle(REUSED, GET),
          functions.handle(IN_EARLY_DATA, GET),
          functions.handle(WRITE, PUT));
    } catch (IOException | LinkageError e) {
      return new Missing("netty-tcnative's library: " + e.getMessage());
    }
  }
}
