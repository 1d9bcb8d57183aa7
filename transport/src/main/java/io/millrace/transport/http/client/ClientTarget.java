package io.millrace.transport.http.client;

import java.net.URI;

/**
 * A server's address.
 *
 * @param host a name, or an address without brackets
 */
public record ClientTarget(String host, int port, boolean secure) {

  /**
   * @param uri {@code http://} or {@code https://} with a host
   */
  public static ClientTarget of(URI uri) {
    String host = uri.getHost();
    if (host == null) {
      throw new IllegalArgumentException("no host in " + uri);
    }
    boolean secure = "https".equals(uri.getScheme());
    int port = uri.getPort() >= 0 ? uri.getPort() : secure ? 443 : 80;
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new ClientTarget(bare, port, secure);
  }

  /** As {@code Host} has it (RFC 9110 §7.2). */
  public String authority() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (secure ? 443 : 80) ? name : name + ":" + port;
  }

  @Override
  public String toString() {
    return (secure ? "https://" : "http://") + authority();
  }
}
