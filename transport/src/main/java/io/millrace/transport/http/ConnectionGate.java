package io.millrace.transport.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts open connections, in all and by client address. Loopback has no limit of its own: it is
 * where a proxy connects from. Any thread.
 */
final class ConnectionGate {
  private final HttpLimits limits;
  private final AtomicInteger total = new AtomicInteger();
  private final Map<Object, Integer> byAddress = new ConcurrentHashMap<>();

  ConnectionGate(HttpLimits limits) {
    this.limits = limits;
  }

  int open() {
    return total.get();
  }

  /** Counts one more; null when it may stay, else the limit that it is over, and is not counted. */
  @Nullable String enter(InetAddress address) {
    if (total.incrementAndGet() > limits.connections()) {
      total.decrementAndGet();
      return "total";
    }
    if (!address.isLoopbackAddress()
        && byAddress.merge(key(address), 1, Integer::sum) > limits.connectionsPerAddress()) {
      leave(address);
      return "address";
    }
    return null;
  }

  void leave(InetAddress address) {
    total.decrementAndGet();
    if (!address.isLoopbackAddress()) {
      byAddress.computeIfPresent(key(address), (key, count) -> count == 1 ? null : count - 1);
    }
  }

  /** IPv6 clients own a /64, so that is what counts as one of them. */
  private static Object key(InetAddress address) {
    return address instanceof Inet6Address six
        ? (Object) ByteBuffer.wrap(six.getAddress()).getLong()
        : address;
  }
}
