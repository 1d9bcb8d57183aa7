package io.millrace.transport.srt;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Cookies that prove a caller's address before anything is kept for it (draft-sharabayko-srt-01
 * §4.3.1): an HMAC over address, port and the minute. One is good for this minute and the next.
 * Confined to one thread; bakers with the same secret know each other's cookies.
 */
final class CookieBaker {
  static final int SECRET_BYTES = 32;

  private static final long PERIOD_US = TimeUnit.MINUTES.toMicros(1);

  private final Mac mac;

  CookieBaker(byte[] secret) {
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA256 is not available", e);
    }
  }

  int bake(InetSocketAddress address, long nowUs) {
    return bakeFor(address, Math.floorDiv(nowUs, PERIOD_US));
  }

  boolean isGood(int cookie, InetSocketAddress address, long nowUs) {
    long period = Math.floorDiv(nowUs, PERIOD_US);
    return cookie == bakeFor(address, period) || cookie == bakeFor(address, period - 1);
  }

  private int bakeFor(InetSocketAddress address, long period) {
    mac.update(address.getAddress().getAddress());
    ByteBuffer rest = ByteBuffer.allocate(Integer.BYTES + Long.BYTES);
    rest.putInt(address.getPort()).putLong(period).flip();
    mac.update(rest);
    return ByteBuffer.wrap(mac.doFinal()).getInt();
  }
}
