package io.millrace.transport;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts publishers: in all, and those that have not been let in yet by address (IPv6: by /64).
 * Thread safe.
 */
public final class PublisherLimiter {
  private final int maxConnections;
  private final int maxPerAddress;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong refused = new AtomicLong();

  /** Addresses without an undecided publisher are not in it. */
  private final Map<String, Integer> undecided = new ConcurrentHashMap<>();

  public PublisherLimiter(int maxConnections, int maxPerAddress) {
    this.maxConnections = maxConnections;
    this.maxPerAddress = maxPerAddress;
  }

  /** A place for a new publisher, or null where there is none. */
  public @Nullable Lease tryAcquire(InetAddress address) {
    if (connections.incrementAndGet() > maxConnections) {
      connections.decrementAndGet();
      refused.incrementAndGet();
      return null;
    }
    String key = key(address);
    int count = undecided.merge(key, 1, Integer::sum);
    Lease lease = new Lease(key);
    if (count > maxPerAddress) {
      lease.release();
      refused.incrementAndGet();
      return null;
    }
    return lease;
  }

  public int connections() {
    return connections.get();
  }

  /** Publishers refused since the start. */
  public long refused() {
    return refused.get();
  }

  public int addresses() {
    return undecided.size();
  }

  private static String key(InetAddress address) {
    byte[] bytes = address.getAddress();
    return HexFormat.of()
        .formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, 8) : bytes);
  }

  /** One place. Thread safe. */
  public final class Lease {
    private final String key;
    private final AtomicBoolean decided = new AtomicBoolean();
    private final AtomicBoolean released = new AtomicBoolean();

    private Lease(String key) {
      this.key = key;
    }

    /** The publisher no longer counts against its address. */
    public void decided() {
      if (decided.compareAndSet(false, true)) {
        undecided.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
      }
    }

    public void release() {
      if (released.compareAndSet(false, true)) {
        decided();
        connections.decrementAndGet();
      }
    }
  }
}
