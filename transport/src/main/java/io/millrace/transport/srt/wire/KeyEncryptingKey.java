package io.millrace.transport.srt.wire;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The key that stream keys travel under, made of a passphrase (draft-sharabayko-srt-01 §6.1.4):
 * PBKDF2-HMAC-SHA1 over the last 64 bits of the salt, 2048 rounds, as long as the stream key.
 * Making one costs some milliseconds of CPU. Immutable.
 */
public final class KeyEncryptingKey {
  public static final int MIN_PASSPHRASE_LENGTH = 10;
  public static final int MAX_PASSPHRASE_LENGTH = 79;

  private static final int ROUNDS = 2048;
  private static final int PBKDF2_SALT_BYTES = 8;
  private static final String WRAP = "AESWrap"; // RFC 3394

  private final byte[] salt;
  private final int keyBytes;
  private final SecretKey key;

  private KeyEncryptingKey(byte[] salt, int keyBytes, SecretKey key) {
    this.salt = salt;
    this.keyBytes = keyBytes;
    this.key = key;
  }

  /**
   * @param passphrase used as UTF-8
   * @param salt {@link KeyMaterial#SALT_BYTES} bytes
   * @param keyBytes 16, 24 or 32
   */
  public static KeyEncryptingKey derive(String passphrase, byte[] salt, int keyBytes) {
    PBEKeySpec spec =
        new PBEKeySpec(
            passphrase.toCharArray(),
            Arrays.copyOfRange(salt, salt.length - PBKDF2_SALT_BYTES, salt.length),
            ROUNDS,
            keyBytes * Byte.SIZE);
    try {
      byte[] key =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1").generateSecret(spec).getEncoded();
      return new KeyEncryptingKey(salt.clone(), keyBytes, new SecretKeySpec(key, "AES"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("PBKDF2 is not available", e);
    } finally {
      spec.clearPassword();
    }
  }

  /** Whether {@code material} is wrapped with a key of this salt and length. */
  public boolean fits(KeyMaterial material) {
    return keyBytes == material.keyBytes() && Arrays.equals(salt, material.salt());
  }

  public byte[] salt() {
    return salt.clone();
  }

  public int keyBytes() {
    return keyBytes;
  }

  /**
   * The keys in {@code material}, one behind the other, even first.
   *
   * @return null when it was wrapped with another key: the passphrases differ
   */
  public byte @Nullable [] unwrap(KeyMaterial material) {
    try {
      Cipher cipher = Cipher.getInstance(WRAP);
      cipher.init(Cipher.UNWRAP_MODE, key);
      return cipher.unwrap(material.wrapped(), "AES", Cipher.SECRET_KEY).getEncoded();
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  /**
   * @param keyFlags which keys {@code keys} holds, even first
   */
  public KeyMaterial wrap(int keyFlags, byte[] keys) {
    try {
      Cipher cipher = Cipher.getInstance(WRAP);
      cipher.init(Cipher.WRAP_MODE, key);
      return new KeyMaterial(keyFlags, salt, keyBytes, cipher.wrap(new SecretKeySpec(keys, "AES")));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES key wrap is not available", e);
    }
  }
}
