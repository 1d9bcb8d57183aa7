package io.millrace.transport;

import java.net.InetAddress;

/**
 * A {@link TokenBucket} for each source, an IPv4 address or an IPv6 /64, in a table of fixed size
 * that allocates nothing once it is made.
 *
 * <p>A source has one of four places. When all are taken, a newcomer gets the one that was asked
 * for longest ago, with a full bucket: nobody is locked out by others, whatever their number. Which
 * places are a source's depends on a secret, so that a flood cannot choose to push itself out.
 * Senders that forge many addresses are not stopped here, but by the limit for all together.
 *
 * <p>Confined to one thread.
 */
public final class SourceBuckets {
  private static final int PLACES_PER_SOURCE = 4;
  private static final int SETS_LOG2 = 8;
  private static final int IPV4_BYTES = 4;
  private static final long UNUSED_US = 1_000_000;

  /** Of an IPv4 address in IPv6 (RFC 4291 §2.5.5.2): 80 zero bits, 16 ones, the address. */
  private static final int MAPPED_PREFIX_BYTES = 12;

  /** In front of IPv4 addresses; no IPv6 source has this prefix (RFC 4291 §2.4: multicast). */
  private static final long IPV4_MARK = 0xFFFF_FFFF_0000_0000L;

  private final long secret;
  private final long[] sources = new long[PLACES_PER_SOURCE << SETS_LOG2];
  private final TokenBucket[] buckets = new TokenBucket[sources.length];

  /**
   * @param perSecond tokens that each source gets, and has at most
   * @param secret that nobody outside knows
   */
  public SourceBuckets(int perSecond, long secret, long nowUs) {
    this.secret = secret;
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = new TokenBucket(perSecond, nowUs - UNUSED_US); // before any that is in use
    }
  }

  /** Takes a token of {@code address}'s source; false when it has none left. */
  public boolean take(InetAddress address, long nowUs) {
    long source = source(address.getAddress());
    int first = set(source) * PLACES_PER_SOURCE;
    int oldest = first;
    for (int i = first; i < first + PLACES_PER_SOURCE; i++) {
      if (sources[i] == source) {
        return buckets[i].take(nowUs);
      }
      if (buckets[i].lastUs() < buckets[oldest].lastUs()) {
        oldest = i;
      }
    }
    sources[oldest] = source;
    buckets[oldest].fill(nowUs);
    return buckets[oldest].take(nowUs);
  }

  private static long source(byte[] address) {
    if (address.length == IPV4_BYTES) {
      return IPV4_MARK | bigEndian(address, 0, IPV4_BYTES);
    }
    boolean mapped =
        bigEndian(address, 0, Long.BYTES) == 0 && bigEndian(address, Long.BYTES, 4) == 0xFFFF;
    return mapped
        ? IPV4_MARK | bigEndian(address, MAPPED_PREFIX_BYTES, IPV4_BYTES)
        : bigEndian(address, 0, Long.BYTES);
  }

  private static long bigEndian(byte[] bytes, int from, int count) {
    long value = 0;
    for (int i = from; i < from + count; i++) {
      value = value << Byte.SIZE | bytes[i] & 0xFF;
    }
    return value;
  }

  /** The upper bits of a product with the golden ratio, twice, so that every bit counts. */
  private int set(long source) {
    long mixed = (source ^ secret) * 0x9E37_79B9_7F4A_7C15L;
    mixed = (mixed ^ mixed >>> 32) * 0x9E37_79B9_7F4A_7C15L;
    return (int) (mixed >>> Long.SIZE - SETS_LOG2);
  }
}
