package io.millrace.transport.srt.wire;

import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Renews the key that packets are encrypted with (draft-sharabayko-srt-01 §6.1.6): some packets
 * before it is due the next one is announced, together with the one in use, again and again until
 * the peer confirms it; then packets change over to it. A peer that never confirms is sent the old
 * key's packets on: their sequence numbers, and so the counter blocks, repeat only after 2^31.
 *
 * <p>Confined to the connection's thread.
 */
public final class SenderKeys {
  /** libsrt's: 2^24 packets a key. */
  public static final long DEFAULT_REFRESH_PACKETS = 1L << 24;

  /** libsrt's: announced 2^12 packets before. */
  public static final long DEFAULT_ANNOUNCE_PACKETS = 1L << 12;

  static final long RETRY_US = 250_000;

  private final SrtCipher cipher;
  private final SecureRandom random;
  private final long refreshPackets;
  private final long announcePackets;

  /** The key in use; only its owner knows it unwrapped. */
  private byte[] currentKey;

  private byte @Nullable [] nextKey;
  private byte @Nullable [] announcement;
  private boolean confirmed;
  private long announcedUs;

  /**
   * @param currentKey that the handshake settled on
   * @param refreshPackets packets a key, at least twice {@code announcePackets}
   */
  public SenderKeys(
      SrtCipher cipher,
      byte[] currentKey,
      SecureRandom random,
      long refreshPackets,
      long announcePackets) {
    if (announcePackets < 1 || refreshPackets < 2 * announcePackets) {
      throw new IllegalArgumentException("key refresh before its announcement");
    }
    this.cipher = cipher;
    this.currentKey = currentKey;
    this.random = random;
    this.refreshPackets = refreshPackets;
    this.announcePackets = announcePackets;
  }

  /**
   * To be called now and then, every 10 ms or so.
   *
   * @return the body of a key request to be sent, or null
   */
  public byte @Nullable [] poll(long nowUs) {
    long packets = cipher.packetsWithCurrent();
    if (nextKey == null) {
      if (packets <= refreshPackets - announcePackets) {
        return null;
      }
      announce(nowUs);
      return announcement;
    }
    if (!confirmed) {
      if (nowUs - announcedUs < RETRY_US) {
        return null;
      }
      announcedUs = nowUs;
      return announcement;
    }
    if (packets > refreshPackets) {
      cipher.switchKey();
      Arrays.fill(currentKey, (byte) 0);
      currentKey = nextKey;
      nextKey = null;
      announcement = null;
    }
    return null;
  }

  /** The peer's answer to a key request: the request itself where it has taken the key. */
  public void onResponse(byte[] body) {
    if (announcement != null && Arrays.equals(body, announcement)) {
      confirmed = true;
    }
  }

  private void announce(long nowUs) {
    byte[] next = new byte[currentKey.length];
    random.nextBytes(next);
    cipher.installNext(next);
    nextKey = next;
    boolean currentIsEven = cipher.currentFlag() == SrtPacket.KEY_EVEN;
    byte[] even = currentIsEven ? currentKey : next;
    byte[] odd = currentIsEven ? next : currentKey;
    byte[] both = Arrays.copyOf(even, even.length + odd.length);
    System.arraycopy(odd, 0, both, even.length, odd.length);
    announcement = cipher.wrapper().wrap(SrtPacket.KEY_BOTH, both).toBytes();
    Arrays.fill(both, (byte) 0);
    confirmed = false;
    announcedUs = nowUs;
  }
}
