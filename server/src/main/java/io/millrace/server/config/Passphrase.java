package io.millrace.server.config;

/**
 * A secret that encrypts; never shown.
 *
 * @param text 10 to 79 characters (draft-sharabayko-srt §6.1.4)
 */
public record Passphrase(String text) {
  public static final int MIN_CHARACTERS = 10;
  public static final int MAX_CHARACTERS = 79;

  @Override
  public String toString() {
    return "(secret)";
  }
}
