package io.millrace.packager.crypt;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts samples in place. One object, and one cipher in it, serves a track for good; the JDK's
 * ciphers use the processor's AES instructions. Not thread-safe.
 */
abstract sealed class SampleCipher permits CencCipher, CbcsCipher {
  final Cipher cipher;

  SampleCipher(String transformation) {
    try {
      cipher = Cipher.getInstance(transformation);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has AES", e);
    }
  }

  static SampleCipher of(Scheme scheme) {
    return switch (scheme) {
      case CENC -> new CencCipher();
      case CBCS -> new CbcsCipher();
      case AES_128 -> throw new IllegalArgumentException("AES-128 does not encrypt samples");
    };
  }

  /** Another key from here on. */
  abstract void key(ContentKey key) throws GeneralSecurityException;

  /** The IV of the next sample; empty where all have the same. */
  abstract byte[] nextIv();

  /** Encrypts the whole sample. */
  abstract void encrypt(byte[] bytes, int offset, int sizeBytes, byte[] iv)
      throws GeneralSecurityException;

  /** Encrypts the protected ranges of the sample. */
  abstract void encrypt(byte[] bytes, int offset, int[] ranges, byte[] iv)
      throws GeneralSecurityException;

  static SecretKeySpec aes(ContentKey key) {
    return new SecretKeySpec(key.key(), "AES");
  }

  final void init(SecretKeySpec key, byte[] iv) throws GeneralSecurityException {
    cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(iv));
  }
}
