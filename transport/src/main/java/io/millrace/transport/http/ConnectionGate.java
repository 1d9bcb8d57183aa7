package io.millrace.transport.http;

import io.millrace.transport.SourceBuckets;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts open connections, in all and by client address, and how fast an address opens them: who
 * makes TLS handshakes and nothing else holds no connection, but keeps the server busy. Loopback
 * has no limit of its own: it is where a proxy connects from. Any thread.
 */
final class ConnectionGate {
  private final HttpLimits limits;
  private final AtomicInteger total = new AtomicInteger();
  private final Map<Object, Integer> byAddress = new ConcurrentHashMap<>();
  private final LongSupplier clockNs;

  /** Guarded by itself. */
  private final SourceBuckets opening;

  ConnectionGate(HttpLimits limits, LongSupplier clockNs) {
    this.limits = limits;
    this.clockNs = clockNs;
    this.opening =
        new SourceBuckets(limits.connectsPerSecond(), new SecureRandom().nextLong(), nowUs());
  }

  private long nowUs() {
    return clockNs.getAsLong() / 1_000;
  }

  int open() {
    return total.get();
  }

  /** Counts one more; null when it may stay, else the limit that it is over, and is not counted. */
  @Nullable String enter(InetAddress address) {
    if (!address.isLoopbackAddress() && isTooFast(address)) {
      return "rate";
    }
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

  private boolean isTooFast(InetAddress address) {
    synchronized (opening) {
      return !opening.take(address, nowUs());
    }
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
