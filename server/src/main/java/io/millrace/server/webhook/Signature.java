package io.millrace.server.webhook;

import io.millrace.server.config.WebhookSecret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What shows a webhook that a question is this server's: {@code t=SECONDS,v1=HEX}, HMAC-SHA-256
 * (RFC 2104) over {@code SECONDS.BODY}. With the time in it, a recorded question is worth nothing
 * after a while.
 */
final class Signature {
  static final String FIELD = "millrace-signature";
  private static final String ALGORITHM = "HmacSHA256";

  private Signature() {}

  /**
   * @param unixSeconds the time of the question
   */
  static String of(WebhookSecret secret, long unixSeconds, byte[] body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.bytes(), ALGORITHM));
      mac.update((unixSeconds + ".").getBytes(StandardCharsets.US_ASCII));
      return "t=" + unixSeconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e); // every Java has it
    }
  }
}
