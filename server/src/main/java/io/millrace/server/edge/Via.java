package io.millrace.server.edge;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpProtocol;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * {@code Via} (RFC 9110 §7.6.3): who has passed a request on, so that edges that ask each other
 * notice. A process has one random name.
 */
final class Via {
  private static final int MAX_CHARS = 512;
  private static final String NAME = "millrace-" + random();

  private Via() {}

  /** True for a request that this process has passed on itself, or that has come too far. */
  static boolean isLoop(HttpExchange exchange) {
    String via = exchange.headers().get("via");
    return via != null && (via.length() > MAX_CHARS || via.contains(NAME));
  }

  /** The field of what is asked on behalf of that request. */
  static String of(HttpExchange exchange) {
    @Nullable String before = exchange.headers().get("via");
    String version = exchange.protocol() == HttpProtocol.HTTP_2 ? "2.0 " : "1.1 ";
    return (before == null ? "" : before + ", ") + version + NAME;
  }

  private static String random() {
    byte[] bytes = new byte[6];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
