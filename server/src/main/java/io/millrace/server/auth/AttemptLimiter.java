package io.millrace.server.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * How often a source may get its key wrong: a token bucket each, of {@value #BURST} tokens, one
 * back every {@value #REFILL_NS} ns. A source is an IPv4 address or an IPv6 /64 network (what one
 * subscriber has). Holds {@value #MAX_SOURCES} sources; thread-safe.
 */
final class AttemptLimiter {
  static final int BURST = 10;
  static final long REFILL_NS = 6_000_000_000L;
  private static final int MAX_SOURCES = 10_000;
  private static final int IPV6_NETWORK_BYTES = 8;

  private final Cache<ByteBuffer, Bucket> buckets =
      Caffeine.newBuilder().maximumSize(MAX_SOURCES).executor(Runnable::run).build();

  /** What is left to one source. */
  private static final class Bucket {
    private int tokens = BURST;
    private long sinceNs;

    Bucket(long nowNs) {
      sinceNs = nowNs;
    }

    synchronized boolean take(long nowNs) {
      long back = (nowNs - sinceNs) / REFILL_NS;
      if (back > 0) {
        tokens = (int) Math.min(BURST, tokens + back);
        sinceNs += back * REFILL_NS;
      }
      if (tokens == 0) {
        return false;
      }
      tokens--;
      return true;
    }

    synchronized void giveBack() {
      tokens = Math.min(BURST, tokens + 1);
    }
  }

  /** Takes a token before an attempt; false where the source has none left. */
  boolean take(InetAddress source, long nowNs) {
    return buckets.get(key(source), _ -> new Bucket(nowNs)).take(nowNs);
  }

  /** Gives the token of an attempt back that did not fail. */
  void giveBack(InetAddress source) {
    Bucket bucket = buckets.getIfPresent(key(source));
    if (bucket != null) {
      bucket.giveBack();
    }
  }

  private static ByteBuffer key(InetAddress source) {
    byte[] bytes = source.getAddress();
    return ByteBuffer.wrap(
        source instanceof Inet6Address ? Arrays.copyOf(bytes, IPV6_NETWORK_BYTES) : bytes);
  }
}
