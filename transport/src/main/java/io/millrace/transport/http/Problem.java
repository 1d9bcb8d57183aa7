package io.millrace.transport.http;

import java.nio.charset.StandardCharsets;

/**
 * Error replies as problem details (RFC 9457): {@code type}, {@code title}, {@code status}, {@code
 * detail}.
 */
public final class Problem {
  public static final String CONTENT_TYPE = "application/problem+json";

  private Problem() {}

  /**
   * An error reply that no cache keeps.
   *
   * @param title what kind of problem this is, the same for every case of it
   * @param detail about this case, safe to show to anyone
   */
  public static HttpReply reply(int status, String title, String detail) {
    StringBuilder json = new StringBuilder(96 + title.length() + detail.length());
    json.append("{\"type\":\"about:blank\",\"title\":");
    quote(json, title);
    json.append(",\"status\":").append(status).append(",\"detail\":");
    quote(json, detail);
    json.append("}\n");
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    return HttpReply.of(status, CONTENT_TYPE, bytes).with("cache-control", "no-store");
  }

  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || c == '\u2028' || c == '\u2029' || c == '<') {
        json.append(String.format("\\u%04x", (int) c));
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
