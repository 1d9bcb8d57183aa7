package io.millrace.transport.rtmp.wire;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.OptionalInt;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The HMAC-SHA256 digests in the handshake of Flash Player 9 and later. Not in Adobe's
 * specification; as librtmp, FFmpeg and nginx-rtmp have it. The keys are public: a digest proves a
 * dialect, not an identity.
 *
 * <pre>
 *  C1, S1 (1536):  time:32  version:32  ...
 *    scheme 0 (digest last)   offset = sum of bytes 772..775 mod 728 + 776
 *    scheme 1 (digest first)  offset = sum of bytes   8..11  mod 728 + 12
 *    32 bytes at offset = HMAC(the other 1504 bytes)
 *  C2, S2 (1536):  random:1504  HMAC(random) with a key made of the digest answered
 * </pre>
 */
final class HandshakeDigest {
  static final int PACKET_BYTES = 1536;
  static final int DIGEST_BYTES = 32;
  private static final int RANGE = 728;
  private static final int[] OFFSET_FIELDS = {772, 8};

  private static final byte[] TAIL = {
    (byte) 0xF0,
    (byte) 0xEE,
    (byte) 0xC2,
    0x4A,
    (byte) 0x80,
    0x68,
    (byte) 0xBE,
    (byte) 0xE8,
    0x2E,
    0x00,
    (byte) 0xD0,
    (byte) 0xD1,
    0x02,
    (byte) 0x9E,
    0x7E,
    0x57,
    0x6E,
    (byte) 0xEC,
    0x5D,
    0x2D,
    0x29,
    (byte) 0x80,
    0x6F,
    (byte) 0xAB,
    (byte) 0x93,
    (byte) 0xB8,
    (byte) 0xE6,
    0x36,
    (byte) 0xCF,
    (byte) 0xEB,
    0x31,
    (byte) 0xAE
  };

  static final byte[] CLIENT_TEXT =
      "Genuine Adobe Flash Player 001".getBytes(StandardCharsets.US_ASCII);
  static final byte[] SERVER_TEXT =
      "Genuine Adobe Flash Media Server 001".getBytes(StandardCharsets.US_ASCII);
  static final byte[] CLIENT_KEY = join(CLIENT_TEXT, TAIL);
  static final byte[] SERVER_KEY = join(SERVER_TEXT, TAIL);

  private HandshakeDigest() {}

  /** The scheme, 0 or 1, by which {@code packet} carries a digest under {@code key}; or none. */
  static OptionalInt scheme(byte[] packet, byte[] key) {
    for (int scheme = 0; scheme < OFFSET_FIELDS.length; scheme++) {
      if (MessageDigest.isEqual(digestIn(packet, scheme), compute(packet, scheme, key))) {
        return OptionalInt.of(scheme);
      }
    }
    return OptionalInt.empty();
  }

  /** The 32 bytes where {@code scheme} has the digest. */
  static byte[] digestIn(byte[] packet, int scheme) {
    int offset = offset(packet, scheme);
    return Arrays.copyOfRange(packet, offset, offset + DIGEST_BYTES);
  }

  /** Puts the digest of the rest into {@code packet}. */
  static void sign(byte[] packet, int scheme, byte[] key) {
    byte[] digest = compute(packet, scheme, key);
    System.arraycopy(digest, 0, packet, offset(packet, scheme), DIGEST_BYTES);
  }

  /** Makes the last 32 bytes of a C2 or S2 answer {@code digest}. */
  static void answer(byte[] packet, byte[] digest, byte[] key) {
    byte[] sum = answerDigest(packet, digest, key);
    System.arraycopy(sum, 0, packet, PACKET_BYTES - DIGEST_BYTES, DIGEST_BYTES);
  }

  /** Whether {@code packet} is the C2 or S2 that answers {@code digest}. */
  static boolean answers(byte[] packet, byte[] digest, byte[] key) {
    byte[] there = Arrays.copyOfRange(packet, PACKET_BYTES - DIGEST_BYTES, PACKET_BYTES);
    return MessageDigest.isEqual(there, answerDigest(packet, digest, key));
  }

  private static byte[] answerDigest(byte[] packet, byte[] digest, byte[] key) {
    byte[] once = hmac(key, digest, 0, digest.length, 0, 0);
    return hmac(once, packet, 0, PACKET_BYTES - DIGEST_BYTES, 0, 0);
  }

  private static int offset(byte[] packet, int scheme) {
    int field = OFFSET_FIELDS[scheme];
    int sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += packet[field + i] & 0xFF;
    }
    return sum % RANGE + field + 4;
  }

  private static byte[] compute(byte[] packet, int scheme, byte[] key) {
    int offset = offset(packet, scheme);
    int after = offset + DIGEST_BYTES;
    return hmac(key, packet, 0, offset, after, PACKET_BYTES - after);
  }

  private static byte[] hmac(
      byte[] key, byte[] data, int offset, int length, int offset2, int length2) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(data, offset, length);
      mac.update(data, offset2, length2);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }
}
