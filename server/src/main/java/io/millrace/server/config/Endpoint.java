package io.millrace.server.config;

import java.net.InetSocketAddress;

/**
 * An address to listen on.
 *
 * @param host a name or a numeric address (IPv6 without brackets); empty for every interface
 * @param port 0 to have a free one picked
 */
public record Endpoint(String host, int port) {

  /** The address to bind; a host name is resolved here, and unresolved where it has no address. */
  public InetSocketAddress toSocketAddress() {
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
