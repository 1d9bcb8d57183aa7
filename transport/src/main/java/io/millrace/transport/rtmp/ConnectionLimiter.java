package io.millrace.transport.rtmp;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts connections: in all, and unauthenticated ones by address (IPv6: by /64). Thread safe. */
final class ConnectionLimiter {
  private final int maxConnections;
  private final int maxUnauthenticatedPerAddress;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();

  /** Addresses without an unauthenticated connection are not in it. */
  private final Map<String, Integer> unauthenticated = new ConcurrentHashMap<>();

  ConnectionLimiter(int maxConnections, int maxUnauthenticatedPerAddress) {
    this.maxConnections = maxConnections;
    this.maxUnauthenticatedPerAddress = maxUnauthenticatedPerAddress;
  }

  /** A place for a new connection, or null where there is none. */
  @Nullable Lease tryAcquire(InetAddress address) {
    if (connections.incrementAndGet() > maxConnections) {
      connections.decrementAndGet();
      refused.incrementAndGet();
      return null;
    }
    String key = key(address);
    int count = unauthenticated.merge(key, 1, Integer::sum);
    Lease lease = new Lease(key);
    if (count > maxUnauthenticatedPerAddress) {
      lease.release();
      refused.incrementAndGet();
      return null;
    }
    return lease;
  }

  int connections() {
    return connections.get();
  }

  /** Connections refused since the start. */
  long refused() {
    return refused.get();
  }

  int addresses() {
    return unauthenticated.size();
  }

  private static String key(InetAddress address) {
    byte[] bytes = address.getAddress();
    return HexFormat.of()
        .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
  }

  /** One connection's place. Confined to its event loop. */
  final class Lease {
    private final String key;
    private boolean authenticated;
    private boolean released;

    private Lease(String key) {
      this.key = key;
    }

    /** The connection no longer counts against its address. */
    void authenticated() {
      if (!authenticated && !released) {
        authenticated = true;
        unauthenticated.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
      }
    }

    void release() {
      if (!released) {
        authenticated();
        released = true;
        connections.decrementAndGet();
      }
    }
  }
}
