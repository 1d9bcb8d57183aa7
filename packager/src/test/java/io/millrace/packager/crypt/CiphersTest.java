package io.millrace.packager.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.MediaFormatException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** NIST SP 800-38A vectors through the ciphers, and the shapes of subsample maps. */
class CiphersTest {
  private static final byte[] KEY = hex("2b7e151628aed2a6abf7158809cf4f3c");
  private static final byte[] PLAIN =
      hex(
          "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
              + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static ContentKey key(String iv) {
    return new ContentKey(new UUID(0, 1), KEY, hex(iv), List.of());
  }

  /** F.2.1, CBC-AES128.Encrypt. */
  @Test
  void wholeBlocksAreChained() throws Exception {
    CbcsCipher cipher = new CbcsCipher();
    cipher.key(key("000102030405060708090a0b0c0d0e0f"));
    for (int again = 0; again < 2; again++) {
      byte[] sample = Arrays.copyOf(PLAIN, PLAIN.length + 5);
      cipher.encrypt(sample, 0, sample.length, new byte[0]);
      assertThat(sample)
          .isEqualTo(
              Arrays.copyOf(
                  hex(
                      "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
                          + "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"),
                  PLAIN.length + 5));
    }
  }

  /** The same vector, its blocks ten apart, behind 7 clear bytes. */
  @Test
  void thePatternEncryptsOneBlockOfTen() throws Exception {
    byte[] sample = new byte[7 + 30 * 16 + 20];
    Arrays.fill(sample, (byte) 0x55);
    byte[] expected = sample.clone();
    byte[] cipherText =
        hex(
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
                + "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7");
    for (int block = 0; block < 4; block++) {
      System.arraycopy(PLAIN, 16 * block, sample, 7 + 160 * block, 16);
      System.arraycopy(cipherText, 16 * block, expected, 7 + 160 * block, 16);
    }
    CbcsCipher cipher = new CbcsCipher();
    cipher.key(key("000102030405060708090a0b0c0d0e0f"));
    cipher.encrypt(sample, 0, new int[] {7, sample.length - 7}, new byte[0]);
    assertThat(sample).isEqualTo(expected);
  }

  /** F.5.1, CTR-AES128: one counter runs on over ranges that clear bytes part. */
  @Test
  void theCounterRunsOnOverRanges() throws Exception {
    byte[] iv = hex("f0f1f2f3f4f5f6f7");
    Cipher reference = Cipher.getInstance("AES/CTR/NoPadding");
    reference.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(KEY, "AES"),
        new IvParameterSpec(hex("f0f1f2f3f4f5f6f70000000000000000")));
    byte[] whole = reference.doFinal(PLAIN);
    byte[] sample = new byte[PLAIN.length + 9];
    System.arraycopy(PLAIN, 0, sample, 4, 16);
    System.arraycopy(PLAIN, 16, sample, 25, 48);
    CencCipher cipher = new CencCipher();
    cipher.key(key("00".repeat(16)));
    cipher.encrypt(sample, 0, new int[] {4, 16, 5, 48}, iv);
    assertThat(Arrays.copyOfRange(sample, 4, 20)).isEqualTo(Arrays.copyOf(whole, 16));
    assertThat(Arrays.copyOfRange(sample, 25, 73)).isEqualTo(Arrays.copyOfRange(whole, 16, 64));
    assertThat(Arrays.copyOf(sample, 4)).containsOnly(0);
  }

  @Test
  void everySampleHasAnIvOfItsOwn() {
    CencCipher cipher = new CencCipher();
    cipher.key(key("00".repeat(16)));
    assertThat(cipher.nextIv()).hasSize(8).isNotEqualTo(cipher.nextIv());
  }

  @Test
  void segmentsAreEncryptedWithTheirSequenceNumber() throws Exception {
    SegmentCipher cipher = new SegmentCipher();
    for (int size : new int[] {0, 1, 15, 16, 17, 1000}) {
      byte[] media = Arrays.copyOf(PLAIN, size);
      List<byte[]> parts =
          List.of(Arrays.copyOf(media, size / 3), Arrays.copyOfRange(media, size / 3, size));
      byte[] encrypted = cipher.encrypt(key("00".repeat(16)), 258, parts);
      Cipher reader = Cipher.getInstance("AES/CBC/PKCS5Padding");
      reader.init(
          Cipher.DECRYPT_MODE,
          new SecretKeySpec(KEY, "AES"),
          new IvParameterSpec(hex("00000000000000000000000000000102")));
      assertThat(reader.doFinal(encrypted)).isEqualTo(media);
    }
  }

  @Test
  void rangesAreAlignedAsEachSchemeWants() {
    assertThat(map(Ranges.Alignment.HEAD_CLEAR, 5, 40)).containsExactly(13, 32);
    assertThat(map(Ranges.Alignment.TAIL_CLEAR, 5, 40)).containsExactly(5, 32, 8, 0);
    assertThat(map(Ranges.Alignment.UNALIGNED, 5, 40)).containsExactly(5, 40);
    assertThat(map(Ranges.Alignment.UNALIGNED, 5, 15)).containsExactly(20, 0);
  }

  private static int[] map(Ranges.Alignment alignment, int clear, int data) {
    Ranges ranges = new Ranges(alignment, 8);
    ranges.clear(clear);
    ranges.protect(data);
    return ranges.take();
  }

  @Test
  void longClearRunsAreSplitAndTooManyRangesAreRefused() {
    Ranges ranges = new Ranges(Ranges.Alignment.UNALIGNED, 0);
    ranges.clear(150_000);
    ranges.protect(16);
    assertThat(ranges.take()).containsExactly(65_535, 0, 65_535, 0, 18_930, 16);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 43; i++) {
                ranges.clear(1);
                ranges.protect(16);
              }
            })
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("42 slices or tiles");
    ranges.reset();
    ranges.clear(3);
    assertThat(ranges.take()).containsExactly(3, 0);
  }
}
