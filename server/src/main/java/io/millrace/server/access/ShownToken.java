package io.millrace.server.access;

import io.millrace.transport.http.HttpExchange;
import org.jspecify.annotations.Nullable;

/**
 * What a request shows besides its path, the first of:
 *
 * <pre>
 * ?token=TOKEN                    for players that are told to add it to each request
 * Authorization: Bearer TOKEN     for an edge, or a player with a loader of its own (RFC 6750 §2.1)
 * Cookie: millrace_token=TOKEN    for pages of the same site, and players that send credentials
 * </pre>
 */
final class ShownToken {
  static final String COOKIE = "millrace_token";
  private static final String BEARER = "Bearer ";

  private ShownToken() {}

  /** Null without any. */
  static @Nullable String of(HttpExchange exchange) {
    String token = exchange.query().first("token");
    if (token != null) {
      return token;
    }
    String authorization = exchange.headers().get("authorization");
    if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return authorization.substring(BEARER.length()).strip();
    }
    String cookies = exchange.headers().get("cookie");
    return cookies == null ? null : cookie(cookies);
  }

  /**
   * The value of the first cookie of our name: of several, browsers put the one with the longest
   * path first (RFC 6265 §5.4). HTTP/2 and HTTP/3 may split the field, and its lines come joined by
   * a comma then (RFC 9113 §8.2.3); neither that nor a semicolon can be in a token.
   */
  static @Nullable String cookie(String cookies) {
    int at = 0;
    while (at < cookies.length()) {
      char c = cookies.charAt(at);
      if (c == ' ' || c == ';' || c == ',') {
        at++;
        continue;
      }
      int end = at;
      while (end < cookies.length() && cookies.charAt(end) != ';' && cookies.charAt(end) != ',') {
        end++;
      }
      int equals = at + COOKIE.length();
      if (equals < end && cookies.startsWith(COOKIE, at) && cookies.charAt(equals) == '=') {
        return cookies.substring(equals + 1, end).strip();
      }
      at = end;
    }
    return null;
  }
}
