package io.millrace.packager.crypt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Keys that the server makes by itself: derived from one secret by HKDF-SHA-256 (RFC 5869), of
 * which the stream's name and the period are the context. Nothing is stored, and the same keys are
 * there after a restart.
 *
 * <p>A key's name is the stream's tag and the period, enciphered by one AES block: it tells
 * strangers nothing, and tells the server which key is asked for without a table.
 *
 * <pre>
 *  root     = HKDF-Extract("millrace clear keys", secret)
 *  key      = HKDF-Expand(root, "key"  ‖ 0 ‖ stream ‖ 0 ‖ period, 16)
 *  iv       = HKDF-Expand(root, "iv"   ‖ 0 ‖ stream ‖ 0 ‖ period, 16)
 *  tag      = HKDF-Expand(root, "tag"  ‖ 0 ‖ stream, 8)
 *  kid      = AES-128(HKDF-Expand(root, "kid", 16), tag ‖ period)
 * </pre>
 */
public final class ClearKeys implements KeyProvider {
  private static final String ALGORITHM = "HKDF-SHA256";
  private static final byte[] SALT = "millrace clear keys".getBytes(StandardCharsets.US_ASCII);

  /** The shortest secret that is taken. */
  public static final int MINIMUM_SECRET_BYTES = 32;

  private static final int KEY_BYTES = 16;
  private static final int TAG_BYTES = 8;

  private final byte[] secret;
  private final String stream;
  private final byte[] tag;
  private final SecretKeySpec kidKey;

  /**
   * @param secret at least {@link #MINIMUM_SECRET_BYTES}, random; borrowed, read-only
   * @param stream public name of the stream
   */
  public ClearKeys(byte[] secret, String stream) {
    if (secret.length < MINIMUM_SECRET_BYTES) {
      throw new IllegalArgumentException("a secret of " + secret.length + " bytes is too short");
    }
    this.secret = secret.clone();
    this.stream = stream;
    this.tag = expand(context("tag", stream), TAG_BYTES);
    this.kidKey = new SecretKeySpec(expand(context("kid", ""), KEY_BYTES), "AES");
  }

  @Override
  public ContentKey find(long period) {
    byte[] key = expand(context("key", stream, period), KEY_BYTES);
    return new ContentKey(
        kid(period), key, expand(context("iv", stream, period), KEY_BYTES), List.of());
  }

  @Override
  public void prepare(long period) {}

  /** The public name of a period's key. */
  public UUID kid(long period) {
    byte[] plain = ByteBuffer.allocate(KEY_BYTES).put(tag).putLong(period).array();
    ByteBuffer name = ByteBuffer.wrap(block(Cipher.ENCRYPT_MODE, plain));
    return new UUID(name.getLong(), name.getLong());
  }

  /** The period whose key has this name; empty for a key that is not this stream's. */
  public OptionalLong periodOf(UUID kid) {
    byte[] name =
        ByteBuffer.allocate(KEY_BYTES)
            .putLong(kid.getMostSignificantBits())
            .putLong(kid.getLeastSignificantBits())
            .array();
    byte[] plain = block(Cipher.DECRYPT_MODE, name);
    return Arrays.equals(plain, 0, TAG_BYTES, tag, 0, TAG_BYTES)
        ? OptionalLong.of(ByteBuffer.wrap(plain).getLong(TAG_BYTES))
        : OptionalLong.empty();
  }

  private byte[] block(int mode, byte[] bytes) {
    try {
      Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding"); // one block that never repeats
      cipher.init(mode, kidKey);
      return cipher.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has AES", e);
    }
  }

  private byte[] expand(byte[] info, int sizeBytes) {
    try {
      return KDF.getInstance(ALGORITHM)
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addSalt(SALT)
                  .addIKM(secret)
                  .thenExpand(info, sizeBytes));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("the platform has no " + ALGORITHM, e);
    }
  }

  private static byte[] context(String use, String stream) {
    return (use + "\0" + stream).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] context(String use, String stream, long period) {
    byte[] names = (use + "\0" + stream + "\0").getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(names.length + Long.BYTES).put(names).putLong(period).array();
  }

  @Override
  public String toString() {
    return "clear keys of " + stream;
  }
}
