package io.millrace.packager.crypt;

import java.security.GeneralSecurityException;

/**
 * {@code cbcs}: AES-CBC of one block in ten of a protected range, of every whole block where there
 * are no ranges; each range begins with the constant IV, and what is no whole block stays clear
 * (ISO/IEC 23001-7 §9.6, §9.7, §10.4).
 */
final class CbcsCipher extends SampleCipher {
  static final int CRYPT_BLOCKS = 1;
  static final int SKIP_BLOCKS = 9;
  private static final int BLOCK = Ranges.BLOCK_BYTES;
  private static final int STRIDE = BLOCK * (CRYPT_BLOCKS + SKIP_BLOCKS);
  private static final byte[] NO_IV = {};

  /** The encrypted blocks of a range, side by side. */
  private byte[] gathered = new byte[BLOCK * 256];

  CbcsCipher() {
    super("AES/CBC/NoPadding");
  }

  @Override
  void key(ContentKey key) throws GeneralSecurityException {
    init(aes(key), key.iv()); // doFinal goes back to this IV
  }

  @Override
  byte[] nextIv() {
    return NO_IV;
  }

  @Override
  void encrypt(byte[] bytes, int offset, int sizeBytes, byte[] iv) throws GeneralSecurityException {
    int whole = sizeBytes - sizeBytes % BLOCK;
    cipher.doFinal(bytes, offset, whole, bytes, offset);
  }

  @Override
  void encrypt(byte[] bytes, int offset, int[] ranges, byte[] iv) throws GeneralSecurityException {
    int at = offset;
    for (int i = 0; i < ranges.length; i += 2) {
      at += ranges[i];
      pattern(bytes, at, ranges[i + 1]);
      at += ranges[i + 1];
    }
  }

  private void pattern(byte[] bytes, int offset, int sizeBytes) throws GeneralSecurityException {
    int end = offset + sizeBytes - BLOCK;
    int blocks = Math.ceilDiv(Math.max(0, sizeBytes - BLOCK + 1), STRIDE);
    if (gathered.length < BLOCK * blocks) {
      gathered = new byte[BLOCK * blocks];
    }
    int size = 0;
    for (int at = offset; at <= end; at += STRIDE, size += BLOCK) {
      System.arraycopy(bytes, at, gathered, size, BLOCK);
    }
    cipher.doFinal(gathered, 0, size, gathered, 0);
    size = 0;
    for (int at = offset; at <= end; at += STRIDE, size += BLOCK) {
      System.arraycopy(gathered, size, bytes, at, BLOCK);
    }
  }
}
