package io.millrace.transport.tls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.handler.codec.quic.QuicSslContext;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the BoringSSL inside Netty's quiche library can do and Netty's QUIC codec does not offer:
 * OCSP responses. Found as {@link LocalFunctions} are. Where anything is amiss, {@link #whyNot}
 * says what, and QUIC goes without.
 */
final class QuicBoringSsl {
  private static final String LIBRARY = "libnetty_quiche42_linux_";
  private static final String ANCHOR = "JNI_OnLoad_netty_quiche";
  private static final String SET_RESPONSE = "SSL_CTX_set_ocsp_response";

  /** {@code int (SSL_CTX *, const uint8_t *response, size_t)}. */
  private static final FunctionDescriptor PUT =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS, JAVA_LONG);

  private static final Binding BINDING = bind();

  private sealed interface Binding {}

  private record Bound(MethodHandle setResponse) implements Binding {}

  private record Missing(String why) implements Binding {}

  private QuicBoringSsl() {}

  /** Returns null where {@link #setOcspResponse} may be called, else what is in the way. */
  static @Nullable String whyNot() {
    return switch (BINDING) {
      case Bound _ -> null;
      case Missing(String why) -> why;
    };
  }

  /**
   * Has every connection that will be opened with a context show a response to clients that ask for
   * one. Before the first is.
   *
   * @param der copied
   * @throws IllegalStateException where {@link #whyNot} says so
   */
  static void setOcspResponse(QuicSslContext context, byte[] der) {
    if (!(BINDING instanceof Bound(MethodHandle setResponse))) {
      throw new IllegalStateException(whyNot());
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, der);
      if ((int) setResponse.invokeExact(pointer(context), copy, (long) der.length) != 1) {
        throw new IllegalStateException("the OCSP response was not taken: out of memory");
      }
    } catch (Throwable e) {
      throw LocalFunctions.unexpected(e);
    }
  }

  private static Binding bind() {
    if (!QuicTls.isThere()) {
      return new Missing("quic is not available");
    }
    try {
      LocalFunctions functions = LocalFunctions.of(LIBRARY, ANCHOR, Set.of(SET_RESPONSE));
      Field _ = contextField();
      return new Bound(functions.handle(SET_RESPONSE, PUT));
    } catch (IOException | LinkageError | ReflectiveOperationException | RuntimeException e) {
      return new Missing("netty's quiche library: " + e.getMessage());
    }
  }

  /** The {@code SSL_CTX *} of a context, which lives as long as that. */
  static long pointer(QuicSslContext context) {
    try {
      Object nativeContext = contextField().get(context);
      Field address = nativeContext.getClass().getDeclaredField("ctx");
      address.setAccessible(true);
      return address.getLong(nativeContext);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("netty's QUIC context has changed its shape", e);
    }
  }

  private static Field contextField() throws ReflectiveOperationException {
    Field field =
        Class.forName(
                "io.netty.handler.codec.quic.QuicheQuicSslContext",
                false,
                QuicSslContext.class.getClassLoader())
            .getDeclaredField("nativeSslContext");
    field.setAccessible(true);
    return field;
  }
}
