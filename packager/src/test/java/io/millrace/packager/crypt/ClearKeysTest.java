package io.millrace.packager.crypt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class ClearKeysTest {
  private static final byte[] SECRET = HexFormat.of().parseHex("0b".repeat(32));
  private final ClearKeys keys = new ClearKeys(SECRET, "live/show");

  /** RFC 5869 §2.2, §2.3, written out. */
  private static byte[] hkdf(byte[] salt, byte[] secret, byte[] info, int size) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(salt, "HmacSHA256"));
    byte[] root = mac.doFinal(secret);
    mac.init(new SecretKeySpec(root, "HmacSHA256"));
    mac.update(info);
    mac.update((byte) 1);
    return Arrays.copyOf(mac.doFinal(), size);
  }

  @Test
  void keysAreDerivedAsDocumented() throws Exception {
    byte[] info = new byte[3 + 1 + 9 + 1 + 8];
    System.arraycopy(
        "key\0live/show\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, info, 0, 14);
    info[21] = 5;
    byte[] salt = "millrace clear keys".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertThat(keys.find(5).key()).isEqualTo(hkdf(salt, SECRET, info, 16));
  }

  /** RFC 5869 appendix A.1: what the platform's HKDF and the one above make of a known input. */
  @Test
  void theReferenceAgreesWithTheStandard() throws Exception {
    byte[] salt = HexFormat.of().parseHex("000102030405060708090a0b0c");
    byte[] secret = HexFormat.of().parseHex("0b".repeat(22));
    byte[] info = HexFormat.of().parseHex("f0f1f2f3f4f5f6f7f8f9");
    assertThat(hkdf(salt, secret, info, 32))
        .isEqualTo(
            HexFormat.of()
                .parseHex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"));
  }

  @Test
  void periodsStreamsAndSecretsHaveKeysOfTheirOwnAndTheSameAgain() {
    Set<String> seen = new HashSet<>();
    byte[] other = SECRET.clone();
    other[0]++;
    for (ClearKeys each :
        new ClearKeys[] {
          keys, new ClearKeys(SECRET, "live/other"), new ClearKeys(other, "live/show")
        }) {
      for (long period = 0; period < 50; period++) {
        ContentKey key = each.find(period);
        assertThat(seen.add(key.kid().toString())).isTrue();
        assertThat(seen.add(HexFormat.of().formatHex(key.key()))).isTrue();
        assertThat(seen.add(HexFormat.of().formatHex(key.iv()))).isTrue();
      }
    }
    assertThat(new ClearKeys(SECRET, "live/show").find(7).key()).isEqualTo(keys.find(7).key());
  }

  @Test
  void aKeysNameTellsItsPeriodToThisStreamOnly() {
    assertThat(keys.periodOf(keys.kid(1_234_567))).hasValue(1_234_567);
    assertThat(new ClearKeys(SECRET, "live/other").periodOf(keys.kid(3))).isEmpty();
    assertThat(keys.periodOf(new UUID(1, 2))).isEmpty();
  }

  @Test
  void shortSecretsAreRefusedAndNoTextShowsAKey() {
    assertThatThrownBy(() -> new ClearKeys(new byte[31], "live/show"))
        .isInstanceOf(IllegalArgumentException.class);
    ContentKey key = keys.find(1);
    assertThat(key.toString() + keys).doesNotContain(HexFormat.of().formatHex(key.key()));
    assertThat(key.toString()).isEqualTo("key " + key.kid());
  }
}
