package io.millrace.server.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The key of HMAC-SHA-256 that a webhook's questions are signed with. Never printed. */
public final class WebhookSecret {
  private static final int LEAST_BYTES = 16;
  private static final int MAX_BYTES = 4_096;

  private final byte[] bytes;

  /**
   * @throws IllegalArgumentException where it is too short to keep anything secret
   */
  public WebhookSecret(byte[] bytes) {
    if (bytes.length < LEAST_BYTES || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "holds a secret of " + bytes.length + " bytes; " + LEAST_BYTES + " to 4096 are right");
    }
    this.bytes = bytes.clone();
  }

  /**
   * Reads the text of a file, without white space at its ends.
   *
   * @throws IllegalArgumentException where it is too short or too long
   */
  static WebhookSecret load(Path file) throws IOException {
    if (Files.size(file) > 2 * MAX_BYTES) {
      throw new IllegalArgumentException("is larger than " + 2 * MAX_BYTES + " bytes");
    }
    return new WebhookSecret(Files.readString(file).strip().getBytes(StandardCharsets.UTF_8));
  }

  /** A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WebhookSecret secret && Arrays.equals(bytes, secret.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "WebhookSecret[…]";
  }
}
