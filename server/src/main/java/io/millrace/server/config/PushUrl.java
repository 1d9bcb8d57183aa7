package io.millrace.server.config;

import java.net.URI;

/**
 * What stands in {@code push}: {@code rtmp[s]://HOST[:PORT]/PATH[?QUERY]}, with {@code {app}} and
 * {@code {name}} anywhere behind the port. Not printed: its end may be a secret.
 *
 * @param path without slashes at its ends
 * @param query with its question mark; empty without
 */
record PushUrl(boolean secure, String host, int port, String path, String query) {

  /**
   * @throws IllegalArgumentException where it is none
   */
  static PushUrl parse(String text) {
    URI uri = URI.create(text.replace("{", "%7B").replace("}", "%7D"));
    String scheme = uri.getScheme();
    boolean secure = "rtmps".equals(scheme);
    String path = uri.getRawPath();
    if ((!secure && !"rtmp".equals(scheme))
        || uri.getHost() == null
        || uri.getUserInfo() != null
        || uri.getFragment() != null
        || path == null
        || path.contains("//")
        || uri.getPort() == 0
        || uri.getPort() > 65_535) {
      throw new IllegalArgumentException();
    }
    String host = uri.getHost().replaceAll("[\\[\\]]", "");
    int usual = secure ? PushTarget.RTMPS_PORT : PushTarget.RTMP_PORT;
    int port = uri.getPort() < 0 ? usual : uri.getPort();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return new PushUrl(secure, host, port, braces(path).replaceAll("^/|/$", ""), braces(query));
  }

  private static String braces(String text) {
    return text.replace("%7B", "{").replace("%7D", "}");
  }

  @Override
  public String toString() {
    return "PushUrl[…]";
  }
}
