package io.millrace.transport.srt;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a datagram came from, in numbers: the next datagram's takes the same place, and who wants
 * an object asks for it. An IPv4 address is {@code ::ffff:a.b.c.d} (RFC 4291 §2.5.5.2). Confined to
 * a thread.
 */
final class Source {
  private static final long MAPPED = 0xFFFF_0000_0000L;

  private long high;
  private long low;
  private int port;
  private int scopeId;

  /** The same, where it came as an object. */
  private @Nullable InetSocketAddress object;

  void set(InetSocketAddress address) {
    object = address;
  }

  void setIpv4(int address, int port) {
    setIpv6(0, MAPPED | Integer.toUnsignedLong(address), port, 0);
  }

  /**
   * @param scopeId of the interface, 0 where the address needs none
   */
  void setIpv6(long high, long low, int port, int scopeId) {
    this.high = high;
    this.low = low;
    this.port = port;
    this.scopeId = scopeId;
    object = null;
  }

  void copy(Source other) {
    setIpv6(other.high, other.low, other.port, other.scopeId);
    object = other.object;
  }

  /** As an object, made now unless it was there. */
  InetSocketAddress address() {
    InetSocketAddress address = object;
    if (address == null) {
      address = new InetSocketAddress(internetAddress(), port);
      object = address;
    }
    return address;
  }

  private InetAddress internetAddress() {
    try {
      if (high == 0 && low >>> 32 == MAPPED >>> 32) {
        return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt((int) low).array());
      }
      byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
      return scopeId == 0
          ? InetAddress.getByAddress(bytes)
          : Inet6Address.getByAddress(null, bytes, scopeId);
    } catch (UnknownHostException e) {
      throw new AssertionError("only thrown for another length", e);
    }
  }

  /**
   * A peer's address, to compare sources with. Scopes are not compared, as in {@link Inet6Address}.
   */
  static final class Peer {
    private final InetSocketAddress object;
    private final long high;
    private final long low;

    Peer(InetSocketAddress address) {
      object = address;
      byte[] bytes = address.getAddress().getAddress();
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      boolean v4 = address.getAddress() instanceof Inet4Address;
      high = v4 ? 0 : buffer.getLong();
      low = v4 ? MAPPED | Integer.toUnsignedLong(buffer.getInt()) : buffer.getLong();
    }

    InetSocketAddress address() {
      return object;
    }

    /** Allocates nothing. */
    boolean is(Source source) {
      return source.object != null
          ? object.equals(source.object)
          : source.low == low && source.high == high && source.port == object.getPort();
    }
  }
}
