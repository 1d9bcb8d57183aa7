package io.millrace.server.webhook;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many undecided questions one source may cause: {@value #EACH}, so that who makes tokens up
 * leaves room for the others. A source is an IPv4 address or an IPv6 /64. Holds what is under way
 * and nothing else; thread-safe.
 */
final class Shares {
  static final int EACH = 128;
  private static final int IPV6_NETWORK_BYTES = 8;

  private final Map<ByteBuffer, Integer> underWay = new ConcurrentHashMap<>();

  /** False where the source has too many already. */
  boolean take(InetAddress source) {
    boolean[] taken = {false};
    underWay.compute(
        key(source),
        (_, held) -> {
          taken[0] = held == null || held < EACH;
          return held == null ? 1 : taken[0] ? held + 1 : held;
        });
    return taken[0];
  }

  /** Gives back what {@link #take} gave. */
  void giveBack(InetAddress source) {
    underWay.computeIfPresent(key(source), (_, held) -> held == 1 ? null : held - 1);
  }

  private static ByteBuffer key(InetAddress source) {
    byte[] bytes = source.getAddress();
    return ByteBuffer.wrap(
        source instanceof Inet6Address ? Arrays.copyOf(bytes, IPV6_NETWORK_BYTES) : bytes);
  }
}
