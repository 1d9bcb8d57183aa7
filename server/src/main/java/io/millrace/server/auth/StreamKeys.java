package io.millrace.server.auth;

import java.security.SecureRandom;

/** Makes the secrets that publishers call stream keys. */
public final class StreamKeys {
  /** RFC 4648 §6 in lower case: nothing to escape in a URL, nothing to mistake on a phone. */
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

  /** 130 bits. */
  private static final int CHARS = 26;

  private StreamKeys() {}

  /** A fresh key of 130 random bits. */
  public static String generate(SecureRandom random) {
    StringBuilder key = new StringBuilder(CHARS);
    for (int i = 0; i < CHARS; i++) {
      key.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return key.toString();
  }
}
