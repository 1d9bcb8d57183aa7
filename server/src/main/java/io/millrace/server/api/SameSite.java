package io.millrace.server.api;

import io.millrace.transport.http.HttpExchange;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pages of other sites from using an operator's browser to change something: by the fetch
 * metadata that browsers send (W3C Fetch Metadata §2), by {@code Origin} (RFC 6454 §7), and, on
 * loopback, by a host name that somebody may have pointed there (DNS rebinding).
 */
final class SameSite {
  private SameSite() {}

  static boolean allows(HttpExchange exchange) {
    String site = exchange.headers().get("sec-fetch-site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return false;
    }
    String authority = exchange.headers().get("host");
    String origin = exchange.headers().get("origin");
    if (origin != null && !origin.endsWith("://" + authority)) {
      return false;
    }
    return !exchange.remote().getAddress().isLoopbackAddress() || isLocal(authority);
  }

  private static boolean isLocal(@Nullable String authority) {
    if (authority == null) {
      return false;
    }
    try {
      String host = new URI("http://" + authority).getHost();
      return host != null
          && (host.toLowerCase(Locale.ROOT).equals("localhost")
              || host.startsWith("[")
              || host.matches("[0-9.]+"));
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
