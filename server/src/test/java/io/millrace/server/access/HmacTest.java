package io.millrace.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class HmacTest {
  @Test
  void codesAreThoseOfTheJdk() throws Exception {
    Random random = new Random(7);
    byte[] code = new byte[Hmac.CODE_BYTES];
    for (int keyBytes : new int[] {1, 16, 32, 63, 64, 65, 200}) {
      byte[] key = new byte[keyBytes];
      random.nextBytes(key);
      Hmac own = new Hmac(key);
      Mac jdk = Mac.getInstance("HmacSHA256");
      jdk.init(new SecretKeySpec(key, "HmacSHA256"));
      for (int textBytes : new int[] {0, 1, 55, 56, 64, 119, 300}) {
        byte[] text = new byte[textBytes + 3];
        random.nextBytes(text);
        own.code(text, textBytes, code);
        assertThat(code).isEqualTo(jdk.doFinal(Arrays.copyOf(text, textBytes)));
      }
    }
  }
}
