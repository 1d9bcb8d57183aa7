package io.millrace.server.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The name that a stream is pushed under, which at most services is its secret. Never printed. */
public final class PushKey {
  private static final int MAX_BYTES = 1_024;
  private static final Pattern PRINTABLE = Pattern.compile("[!-~]{1," + MAX_BYTES + "}");

  private final String text;

  /**
   * @throws IllegalArgumentException where it is empty, too long, or not of printable characters
   */
  public PushKey(String text) {
    if (!PRINTABLE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "holds no key: one of 1 to " + MAX_BYTES + " printable characters without spaces");
    }
    this.text = text;
  }

  /**
   * Reads the text of a file, without white space at its ends.
   *
   * @throws IllegalArgumentException where that is no key
   */
  static PushKey load(Path file) throws IOException {
    if (Files.size(file) > 2 * MAX_BYTES) {
      throw new IllegalArgumentException("is larger than " + 2 * MAX_BYTES + " bytes");
    }
    return new PushKey(Files.readString(file).strip());
  }

  /** For the target alone: not for logs, the API, events and metrics. */
  public String secret() {
    return text;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PushKey key && text.equals(key.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return "PushKey[…]";
  }
}
