package io.millrace.loadtest;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/** Load goes to this machine only: whoever loads another one wants a tool with his name on it. */
public final class Loopback {
  private Loopback() {}

  /**
   * Returns {@code url} when every address of its host is a loopback address.
   *
   * @throws IllegalArgumentException otherwise, with the reason
   */
  public static URI require(URI url) {
    String host = url.getHost();
    if (host == null) {
      throw new IllegalArgumentException("no host in " + url.getScheme() + " URL");
    }
    requireHost(host);
    return url;
  }

  /**
   * Checks that every address of {@code host} is a loopback address.
   *
   * @throws IllegalArgumentException otherwise, with the reason
   */
  public static void requireHost(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!address.isLoopbackAddress()) {
          throw new IllegalArgumentException(host + " is not this machine; loopback only");
        }
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("unknown host " + host, e);
    }
  }
}
