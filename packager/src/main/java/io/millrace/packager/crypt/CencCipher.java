package io.millrace.packager.crypt;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * {@code cenc}: AES-CTR, whose counter runs on over the protected ranges of a sample (ISO/IEC
 * 23001-7 §9.3, §10.1). A sample has an IV of 8 bytes, the upper half of the counter.
 *
 * <p>No two samples under one key may have the same IV. Several tracks share a key, and a restarted
 * server goes on with it; so a track counts from a random number of 64 bits for each key.
 */
final class CencCipher extends SampleCipher {
  static final int IV_BYTES = 8;
  private static final SecureRandom RANDOM = new SecureRandom();

  private @Nullable SecretKeySpec key;
  private long nextIv;

  CencCipher() {
    super("AES/CTR/NoPadding");
  }

  @Override
  void key(ContentKey contentKey) {
    key = aes(contentKey);
    nextIv = RANDOM.nextLong();
  }

  @Override
  byte[] nextIv() {
    return ByteBuffer.allocate(IV_BYTES).putLong(nextIv++).array();
  }

  private void start(byte[] iv) throws GeneralSecurityException {
    SecretKeySpec current = key;
    if (current == null) {
      throw new IllegalStateException("no key");
    }
    init(current, Arrays.copyOf(iv, 2 * IV_BYTES));
  }

  @Override
  void encrypt(byte[] bytes, int offset, int sizeBytes, byte[] iv) throws GeneralSecurityException {
    start(iv);
    cipher.doFinal(bytes, offset, sizeBytes, bytes, offset);
  }

  @Override
  void encrypt(byte[] bytes, int offset, int[] ranges, byte[] iv) throws GeneralSecurityException {
    start(iv);
    int at = offset;
    for (int i = 0; i < ranges.length; i += 2) {
      at += ranges[i];
      if (ranges[i + 1] > 0) {
        int done = cipher.update(bytes, at, ranges[i + 1], bytes, at);
        if (done != ranges[i + 1]) {
          throw new IllegalStateException("the cipher holds bytes back");
        }
      }
      at += ranges[i + 1];
    }
  }
}
