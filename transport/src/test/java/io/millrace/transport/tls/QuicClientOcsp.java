package io.millrace.transport.tls;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicSslContext;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.util.Set;

/** Has Netty's QUIC client ask for an OCSP response, which its codec has no option for. */
public final class QuicClientOcsp {
  private static final String ENABLE = "SSL_CTX_enable_ocsp_stapling";
  private static final String GET_RESPONSE = "SSL_get0_ocsp_response";

  private QuicClientOcsp() {}

  private static LocalFunctions functions() throws Exception {
    return LocalFunctions.of(
        "libnetty_quiche42_linux_", "JNI_OnLoad_netty_quiche", Set.of(ENABLE, GET_RESPONSE));
  }

  /** Every connection of a client asks from here on. */
  public static QuicSslContext asking(QuicSslContext client) throws Throwable {
    functions()
        .handle(ENABLE, FunctionDescriptor.ofVoid(JAVA_LONG))
        .invoke(QuicBoringSsl.pointer(client));
    return client;
  }

  /** What the server of an open connection has shown; empty where it has shown nothing. */
  public static byte[] shown(QuicChannel channel) throws Throwable {
    Object connection = field(channel.sslEngine(), "connection");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment place = arena.allocate(ADDRESS);
      MemorySegment size = arena.allocate(JAVA_LONG);
      functions()
          .handle(GET_RESPONSE, FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, ADDRESS))
          .invoke((long) field(connection, "ssl"), place, size);
      long bytes = size.get(JAVA_LONG, 0);
      return bytes == 0 ? new byte[0] : place.get(ADDRESS, 0).reinterpret(bytes).toArray(JAVA_BYTE);
    }
  }

  private static Object field(Object of, String name) throws ReflectiveOperationException {
    Field field = of.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field.get(of);
  }
}
