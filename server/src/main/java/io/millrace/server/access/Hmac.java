package io.millrace.server.access;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) that makes no object: {@code javax.crypto.Mac} makes several
 * for each code. Not thread-safe.
 */
final class Hmac {
  static final int CODE_BYTES = 32;

  /** SHA-256's B of RFC 2104 §2. */
  private static final int BLOCK_BYTES = 64;

  private static final byte INNER = 0x36;
  private static final byte OUTER = 0x5c;

  private final MessageDigest digest = sha256();
  private final byte[] inner = new byte[BLOCK_BYTES];
  private final byte[] outer = new byte[BLOCK_BYTES];
  private final byte[] innerHash = new byte[CODE_BYTES];

  /**
   * @param key borrowed
   */
  Hmac(byte[] key) {
    byte[] used = key.length > BLOCK_BYTES ? digest.digest(key) : key;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      byte k = i < used.length ? used[i] : 0;
      inner[i] = (byte) (k ^ INNER);
      outer[i] = (byte) (k ^ OUTER);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }

  /**
   * The code of the first bytes of a text.
   *
   * @param code is filled; {@value #CODE_BYTES} bytes
   */
  void code(byte[] text, int sizeBytes, byte[] code) {
    try {
      digest.update(inner);
      digest.update(text, 0, sizeBytes);
      digest.digest(innerHash, 0, CODE_BYTES);
      digest.update(outer);
      digest.update(innerHash);
      digest.digest(code, 0, CODE_BYTES);
    } catch (DigestException e) {
      digest.reset();
      throw new AssertionError(e); // there is room for it
    }
  }
}
